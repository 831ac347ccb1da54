import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, recipientName, text } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { defineCookies, defineFlashes } from '../../platform/web/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const cookies = defineCookies({
  registration: 'The browser that requested a confirmation, which confirms without the password.',
});

export const tokens = defineTokens({
  'email-confirmation': {
    lifetime: DAY,
    meaning: 'Confirm an address, in the browser that requested it or with the password of the account.',
    voidedBy: 'recovery',
    // The browser that needs no password, and the code of the same mail.
    data: z.object({ address: z.string(), browser: z.string().nullable(), code: z.string() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  addressConfirmed: { data: aboutAccount, outcome: 'success', isChange: true },
  addressNotConfirmed: {
    data: aboutAccount.extend({ reason: z.enum(['wrong-password', 'wrong-code']) }),
    outcome: 'failure',
  },
});

export const emails = defineEmails(emailWords, {
  confirmAddress: {
    name: 'confirm-address',
    sent: {
      when: 'a user registers with an address, or requests the mail again',
      to: 'the given address',
      says: 'confirm it',
      link: 'link and code, 1 day or as long as the account waits',
    },
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
    sent: {
      when: 'a registration with a confirmed address of an account',
      says: 'a registration was attempted with it',
      link: 'where to sign in, where to choose a new password',
    },
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
    voids: [tokens['email-confirmation']],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [],
    event: events.addressConfirmed,
  },
});

export const flashes = defineFlashes(flashWords, {
  addressConfirmed: 'success',
  confirmationSent: 'success',
});

export const limits = defineLimits({
  'registration-mails': {
    counts:
      'mails to one address because of a registration: from one IPv4 address or IPv6 /48, or in all if another account has confirmed the address',
    rule: { max: 3, window: DAY },
  },
  'confirmation-codes': {
    counts:
      'wrong codes of a confirmation mail for one account, until its user requests another mail; beyond it the code is void',
    rule: { max: 5, window: DAY },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /verify-email'],
    costs: 'a hash in another browser',
    bound: 'as failures of `POST /login`',
  },
  {
    routes: ['POST /login/confirm-address/resend', 'POST /account/confirm-address/resend'],
    costs: 'a mail',
    bound: '`mails-to-account`, `mails-from-address`, `mails-to-unproven-address`',
  },
  {
    routes: ['POST /login/confirm-address', 'POST /account/confirm-address'],
    costs: 'a comparison',
    bound: '`confirmation-codes`',
  },
];
