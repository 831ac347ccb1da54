import { z } from 'zod';
import { defineEvents } from '../platform/events/index.ts';
import { defineEmails, link, moment, noticeContent, recipientName } from '../platform/mail/index.ts';
import { defineCookies, defineFlashes, defineFlowCookies } from '../platform/web/index.ts';
import { aboutAccount, aboutSession } from './events.ts';
import { accountIds, sessionIds } from './identifiers/ids.ts';
import { sessionCookie } from './sessions/session-cookie.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const authCookies = {
  session: sessionCookie,
  ...defineCookies({
    device:
      'Known accounts of the browser, for a year: their attempts have a limit of their own, and a familiar sign-in is not reported.',
  }),
  // Pending sign-ins.
  ...defineFlowCookies({ pending: { max: 5, purpose: 'A pending sign-in, which requires a step.' } }),
};

export const flashes = defineFlashes(flashWords, {
  signedOut: 'success',
  signInExpired: 'notice',
  sessionStolen: 'notice',
  deletionCancelled: 'success',
});

export const emails = defineEmails(emailWords, {
  sessionEndedAfterTheft: {
    name: 'session-ended-after-theft',
    sent: {
      when: 'a session token comes back after its successor was used',
      says: 'an old copy of a cookie was used',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link },
    content: ({ sessionEndedAfterTheft: words }, values) => noticeContent(words, values),
  },
  accountDisabled: {
    name: 'account-disabled',
    sent: { when: '`latchkey user disable`', says: 'the account was disabled' },
    data: { username: recipientName },
    content: ({ accountDisabled: words }, values) => noticeContent(words, values),
  },
  accountDeletionRequested: {
    name: 'account-deletion-requested',
    sent: {
      when: 'the user deletes the account',
      says: 'when it will be deleted',
      link: 'where to keep it',
    },
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
    sent: { when: 'after `DELETION_DELAY`, or by `latchkey user delete`', says: 'the account was deleted' },
    data: { username: recipientName },
    content: ({ accountDeleted: words }, values) => noticeContent(words, values),
  },
});

const signInRefusal = z.enum([
  'unknown-account',
  'wrong-credential',
  'wrong-code',
  'wrong-passkey',
  'credential-changed',
  'account-unusable',
  'password-too-long',
  /** The hash was made with a `PASSWORD_PEPPER` that this server does not have. */
  'pepper-lost',
  /** Too many wrong passwords came before; none was compared. */
  'password-disabled',
]);
export type SignInRefusal = z.infer<typeof signInRefusal>;

const signIns = {
  name: 'latchkey_sign_ins_total',
  help: 'Sign-ins by what came of them.',
  label: 'outcome',
};

export const events = defineEvents(eventWords, {
  signedIn: {
    data: aboutSession.extend({ method: z.string() }),
    outcome: 'success',
    counted: { in: signIns, as: 'signed-in' },
  },
  signInRefused: {
    data: z.object({ accountId: accountIds.schema.nullable(), reason: signInRefusal }),
    outcome: 'failure',
    counted: { in: signIns, by: 'reason' },
  },
  /** The user is identified, and a required step comes before the session. */
  signInWaits: { data: aboutAccount.extend({ method: z.string(), step: z.string() }), outcome: 'success' },
  signedOut: { data: aboutSession, outcome: 'success' },
  /** Another session of the account ended it: on request, or because a new one exceeded their number. */
  sessionEnded: {
    data: aboutSession.extend({ endedBy: sessionIds.schema }),
    outcome: 'success',
    isChange: true,
  },
  /** A client sent a token that was replaced long ago, so two clients have the session: it is ended. */
  sessionStolen: { data: aboutSession, outcome: 'failure', isChange: true },
  identityNotConfirmed: { data: aboutSession, outcome: 'failure' },
  accountDisabled: { data: aboutAccount, outcome: 'success', isChange: true },
  accountEnabled: { data: aboutAccount, outcome: 'success', isChange: true },
  /** The owner signed in before the deletion was due. */
  accountDeletionCancelled: { data: aboutAccount, outcome: 'success', isChange: true },
  accountDeleted: { data: aboutAccount, outcome: 'success', isChange: true },
  /** By a foreign key of the application. */
  accountDeletionRefused: {
    data: aboutAccount.extend({ table: z.string(), constraint: z.string().nullable() }),
    outcome: 'failure',
    isWarning: () => true,
  },
  /** By the operator; `sessions` is how many ended. */
  signedOutEverywhere: {
    data: aboutAccount.extend({ sessions: z.number() }),
    outcome: 'success',
    isChange: true,
  },
});
