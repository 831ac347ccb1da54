import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, recipientName } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { HOUR, MINUTE } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails as passwordEmails } from '../passwords/index.ts';
import { aboutRefusedMail } from '../requested-mail/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const tokens = defineTokens({
  'password-reset': {
    lifetime: 30 * MINUTE,
    meaning: 'Choose a new password without the old one.',
    voidedBy: 'password-change',
    // The address that the link was sent to, null for a link that the operator handed over; and the version of the
    // password that the link replaces, null without one.
    data: z.object({ address: z.string().nullable(), version: z.number().nullable() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  passwordResetRequested: { data: aboutAccount, outcome: 'success', isChange: true },
  passwordResetRefused: { data: aboutRefusedMail, outcome: 'failure' },
  passwordResetLinkCreated: { data: aboutAccount, outcome: 'success', isChange: true },
  passwordReset: { data: aboutAccount, outcome: 'success', isChange: true },
  /** It works no more in unknown browsers until it is reset. */
  passwordDisabled: { data: aboutAccount, outcome: 'failure', isChange: true },
});

export const emails = defineEmails(emailWords, {
  resetPassword: {
    name: 'reset-password',
    sent: {
      when: 'a user asks at `/forgot-password`, reports an unrecognised sign-in, or undoes a change of the address',
      says: 'choose a new password',
      link: 'link, 30 minutes',
    },
    data: { username: recipientName, page: link, expires: moment },
    content: ({ resetPassword: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      expires,
      advice: [words.advice],
    }),
  },
  accountCreated: {
    name: 'account-created',
    sent: {
      when: '`users.create` or `latchkey user create` without a password',
      to: 'the given address',
      says: 'choose the first password, which confirms the address',
      link: 'link, 1 day',
    },
    data: { username: recipientName, page: link, expires: moment },
    content: ({ accountCreated: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      expires,
      afterExpiry: words.afterExpiry,
      advice: [words.advice],
    }),
  },
  passwordDisabled: {
    name: 'password-disabled',
    sent: {
      when: 'wrong attempts have disabled the password, once until it works again',
      says: 'the password no longer works in unknown browsers',
      link: 'link to choose a new password, 1 day',
    },
    data: { username: recipientName, page: link, expires: moment },
    content: ({ passwordDisabled: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName), words.stillWorks],
      action: { label: words.action, address: page },
      expires,
      afterExpiry: words.afterExpiry,
      advice: [words.advice],
    }),
  },
});

export const changes = defineCredentialChanges({
  passwordReset: {
    name: 'password reset by a link',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: 'recovery',
    // Attackers who go on guessing must not lock the owner out: this browser gets attempts of its own (A07).
    knownDevices: 'forget-others-and-remember',
    linkedIdentities: 'remove-unselected',
    notifies: [passwordEmails.passwordChanged],
    event: events.passwordReset,
  },
  passwordDisabled: {
    name: 'password disabled by wrong attempts',
    otherSessions: 'stay',
    ownSession: 'stays',
    voids: [],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [emails.passwordDisabled],
    event: events.passwordDisabled,
  },
});

export const flashes = defineFlashes(flashWords, {
  resetRequested: 'notice',
  passwordReset: 'success',
});

export const limits = defineLimits({
  'resets-from-address': {
    counts: 'requests for a password reset from one IPv4 address or IPv6 /64',
    rule: { max: 10, window: HOUR },
    withProof: { max: 50, window: HOUR },
  },
  'resets-of-account': {
    counts:
      'reset mails to one account, and separately those requested by one known device; beyond it the answer is the same, and no mail is sent',
    // As long as a link lasts: a user who gets no further mail because of an attacker has one with a valid link.
    rule: { max: 3, window: 30 * MINUTE },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /reset-password'],
    costs: 'a hash',
    bound: 'needs a link; the account’s turn in the hashing queue',
  },
  {
    routes: ['POST /forgot-password'],
    costs: 'a mail',
    bound: '`resets-from-address`, `resets-of-account`, `mails-to-unproven-address`',
  },
];
