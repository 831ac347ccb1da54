import { z } from 'zod';
import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount } from '../../auth/events.ts';
import { defineTokens } from '../../auth/one-time-tokens/token-definition.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, moment, noticeContent, recipientName } from '../../platform/mail/index.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { defineLimits } from '../../platform/rate-limit/index.ts';
import { DAY, HOUR } from '../../platform/runtime/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails as resetEmails } from '../password-reset/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

export const tokens = defineTokens({
  'email-change': {
    lifetime: HOUR,
    meaning: 'Give the account this address, for its signed-in user.',
    voidedBy: 'password-change',
    // The new address, and the one that the account had when the change was requested (A16).
    data: z.object({ address: z.string(), from: z.string().nullable() }),
    shown: 'address',
  },
  'email-change-undo': {
    lifetime: 3 * DAY,
    meaning: 'Restore the old address of the account, end all sessions and start a password reset.',
    data: z.object({ address: z.string() }),
    shown: 'address',
  },
});

export const events = defineEvents(eventWords, {
  /** A mail was sent to the new address. */
  addressChangeRequested: { data: aboutAccount, outcome: 'success', isChange: true },
  addressChanged: { data: aboutAccount, outcome: 'success', isChange: true },
  /** By the link that was sent to the old address; all sessions ended, and the password was disabled. */
  addressChangeUndone: { data: aboutAccount, outcome: 'success', isChange: true },
});

export const emails = defineEmails(emailWords, {
  addressChangeConfirm: {
    name: 'address-change-confirm',
    sent: {
      when: 'a user asks for another address',
      to: 'the new address',
      says: 'confirm it',
      link: 'link, 1 hour',
    },
    data: { page: link, expires: moment },
    content: ({ addressChangeConfirm: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      action: { label: words.action, address: page },
      expires,
      advice: [words.advice],
    }),
  },
  /** To the owner of an address that another user asks for. */
  addressWanted: {
    name: 'address-wanted',
    sent: {
      when: 'a user asks for an address that a confirmed account has',
      says: 'another user asked for it; nothing was changed',
      link: 'where to sign in',
    },
    data: { username: recipientName, page: link },
    content: ({ addressWanted: words }, values) => noticeContent(words, values),
  },
  /** To the old address; the page undoes the change. */
  addressChangeNotice: {
    name: 'address-change-notice',
    sent: {
      when: 'the address was changed',
      to: 'the old address',
      says: 'the address was changed',
      link: 'link that undoes it, 3 days',
    },
    data: { username: recipientName, page: link, expires: moment },
    content: ({ addressChangeNotice: words }, { siteName, page, expires }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName)],
      advice: [words.advice(expires)],
      help: { label: words.help, address: page },
    }),
  },
  addressChanged: {
    name: 'address-changed',
    sent: {
      when: 'the address was changed',
      to: 'the new address',
      says: 'it now belongs to the account',
      link: 'where to manage the account',
    },
    data: { username: recipientName, page: link },
    content: ({ addressChanged: words }, values) => noticeContent(words, values),
  },
});

export const changes = defineCredentialChanges({
  addressChanged: {
    name: 'address changed',
    otherSessions: 'end',
    ownSession: 'new token',
    voids: 'recovery',
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: [emails.addressChangeNotice, emails.addressChanged],
    event: events.addressChanged,
  },
  addressChangeUndone: {
    name: 'change of address undone',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: 'recovery',
    // An attacker who changed the address more than once has undo links, too: those of later changes.
    voidsLater: tokens['email-change-undo'],
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: [resetEmails.resetPassword],
    event: events.addressChangeUndone,
  },
});

export const flashes = defineFlashes(flashWords, {
  addressChangeSent: 'notice',
  addressChanged: 'success',
  addressChangeUndone: 'success',
});

export const limits = defineLimits({
  'address-change-mails': {
    counts: 'mails to one address because a user wants it for an account',
    rule: { max: 3, window: DAY },
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/email'],
    costs: 'a mail',
    bound: '`mails-to-account`, `mails-from-address`, `address-change-mails`, `mails-to-unproven-address`',
  },
  {
    routes: ['POST /undo-email-change', 'POST /account/email/confirm'],
    costs: 'the change that the link permits, once',
    bound: 'needs a mailed link; others cost a look-up',
  },
];
