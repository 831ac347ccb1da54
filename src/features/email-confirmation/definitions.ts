import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { defineEmails, link, moment, recipientName, text } from '../../platform/mail/index.ts';
import { defineFlashes } from '../../platform/web/flash.ts';
import { defineWords } from '../../platform/words/words.ts';
import { emailWords } from './words.ts';

export const emails = defineEmails(emailWords, {
  confirmAddress: {
    name: 'confirm-address',
    data: { page: link, code: text, expires: moment },
    content: ({ confirmAddress: words }, { siteName, page, code, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      code: { before: words.code, code },
      expires,
      advice: [words.advice],
    }),
  },
  /** To the owner of an address with which another user tried to register. */
  registrationAttempted: {
    name: 'registration-attempted',
    data: { username: recipientName, page: link, resetPage: link },
    content: ({ registrationAttempted: words }, { siteName, page, resetPage }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      advice: [words.advice],
      help: { label: words.help, address: resetPage },
    }),
  },
});

export const changes = defineCredentialChanges({
  addressConfirmed: {
    name: 'address confirmed for the first time',
    otherSessions: 'stay',
    ownSession: 'stays',
    voids: ['email-confirmation'],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [],
    event: 'address-confirmed',
  },
});

const flashWords = defineWords({
  addressConfirmed: 'Thank you. Your address is confirmed.',
  confirmationSent: 'We have sent you another mail. Links and codes from before no longer work.',
});

export const flashes = defineFlashes(flashWords, {
  addressConfirmed: 'success',
  confirmationSent: 'success',
});
