import { defineEmails, link, moment, recipientName } from '../platform/mail/index.ts';
import { defineFlashes } from '../platform/web/flash.ts';
import { defineWords } from '../platform/words/words.ts';
import { emailWords } from './words.ts';

const flashWords = defineWords({
  signedOut: 'You have been logged out.',
  signInExpired: 'That took too long, or something has changed meanwhile. Please sign in again.',
  sessionStolen:
    'A session of yours was ended because somebody used an old copy of its cookie. If you are not sure that it was you, change your password.',
  deletionCancelled: 'Welcome back. Your account will not be deleted.',
});

export const flashes = defineFlashes(flashWords, {
  signedOut: 'success',
  signInExpired: 'notice',
  sessionStolen: 'notice',
  deletionCancelled: 'success',
});

export const emails = defineEmails(emailWords, {
  sessionEndedAfterTheft: {
    name: 'session-ended-after-theft',
    data: { username: recipientName, page: link },
    content: ({ sessionEndedAfterTheft: words }, { siteName, page }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
  },
  accountDisabled: {
    name: 'account-disabled',
    data: { username: recipientName },
    content: ({ accountDisabled: words }, { siteName }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      advice: [words.advice],
    }),
  },
  accountDeletionRequested: {
    name: 'account-deletion-requested',
    data: { username: recipientName, page: link, deletion: moment },
    content: ({ accountDeletionRequested: words }, { siteName, page, deletion }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName, deletion)],
      advice: [words.keep, words.advice],
      help: { label: words.help, address: page },
    }),
  },
  /** Its outbox row must have no owner, or it is deleted with the account. */
  accountDeleted: {
    name: 'account-deleted',
    data: { username: recipientName },
    content: ({ accountDeleted: words }, { siteName }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      advice: [words.advice],
    }),
  },
});
