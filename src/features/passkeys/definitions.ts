import { z } from 'zod';
import { type CredentialChange, defineCredentialChanges } from '../../auth/credential-change.ts';
import { aboutAccount, aboutSession } from '../../auth/events.ts';
import { defineEvents } from '../../platform/events/index.ts';
import { defineEmails, link, noticeContent, recipientName, text } from '../../platform/mail/index.ts';
import { defineLimits, type RouteBounds, type TableBounds } from '../../platform/rate-limit/index.ts';
import { MINUTE } from '../../platform/runtime/index.ts';
import { defineCookies, defineFlashes } from '../../platform/web/index.ts';
import {
  emails as factorEmails,
  events as factorEvents,
  tokens as factorTokens,
} from '../second-factors/index.ts';
import { emailWords, eventWords, flashWords } from './words.ts';

/** As in the slot `secondFactors`, and the name of the sign-in method. */
export const KIND = 'passkey';

/** How many passkeys an account can have. */
export const MOST_PASSKEYS = 20;

const aboutPasskey = { passkeyId: z.string() };

export const events = defineEvents(eventWords, {
  passkeyRenamed: { data: aboutSession.extend(aboutPasskey), outcome: 'success' },
  passwordRemoved: { data: aboutSession, outcome: 'success', isChange: true },
  /** Its signature counter went back (WebAuthn Level 3 §6.1.1). */
  passkeyCopied: { data: aboutAccount.extend(aboutPasskey), outcome: 'failure' },
});

export const cookies = defineCookies({
  upgrade: 'The session in which the browser was asked to create a passkey by itself, which it is once.',
  offer:
    'That the user of this browser wants no passkey, so that none is offered on the dashboard, for 180 days.',
});

export const flashes = defineFlashes(flashWords, {
  registeredWithPasskey: 'success',
  passkeyAdded: 'success',
  passkeyRemoved: 'success',
  passkeyRenamed: 'success',
  passkeyAskedFor: 'success',
  passkeyMissing: 'notice',
  passwordRemoved: 'success',
});

/** A signature cannot be guessed: the limit is for the work of checking them, so floods on passwords do not reach it. */
export const limits = defineLimits({
  'passkey-attempts': {
    counts: 'passkeys that were refused, from one address',
    rule: { max: 100, window: 10 * MINUTE },
  },
});

export const emails = defineEmails(emailWords, {
  passwordRemoved: {
    name: 'password-removed',
    sent: {
      when: 'a user with passkeys removes the password',
      says: 'the password was removed',
      link: 'where to choose a new password',
    },
    data: { username: recipientName, page: link },
    content: ({ passwordRemoved: words }, values) => noticeContent(words, values),
  },
  passkeyCopied: {
    name: 'passkey-copied',
    sent: {
      when: 'a passkey is used whose signature counter has gone back',
      says: 'which one, and that it may have been copied',
      link: 'where to remove it',
    },
    data: { username: recipientName, page: link, passkey: text },
    content: ({ passkeyCopied: words }, { siteName, page, passkey }) => ({
      subject: words.subject(siteName),
      lead: [words.lead(siteName, passkey)],
      advice: [words.advice],
      help: { label: words.help, address: page },
    }),
  },
});

const passkeyRemoved = {
  name: 'passkey removed',
  // It may have been lost with a device that is signed in.
  otherSessions: 'end',
  ownSession: 'new token',
  voids: 'password-change',
  knownDevices: 'forget-others',
  linkedIdentities: 'keep',
  notifies: [factorEmails.secondFactorChanged],
  event: factorEvents.secondFactorRemoved,
} as const satisfies CredentialChange;

export const changes = defineCredentialChanges({
  passkeyRemoved,
  passkeyAdded: {
    ...passkeyRemoved,
    name: 'first passkey created',
    // The other sessions have shown one factor alone (A11); this one shows both.
    factor: KIND,
    event: factorEvents.secondFactorAdded,
  },
  passkeyAddedAtSignIn: {
    ...passkeyRemoved,
    name: 'passkey created at a sign-in',
    ownSession: 'begins',
    event: factorEvents.secondFactorAdded,
  },
  passwordRemoved: {
    ...passkeyRemoved,
    name: 'password removed',
    notifies: [emails.passwordRemoved],
    event: events.passwordRemoved,
  },
  passkeyUpgraded: {
    ...passkeyRemoved,
    name: 'passkey created by the browser after a password',
    // It is a further sign-in method, and changes nothing about the others.
    otherSessions: 'stay',
    // The forms of the open page go on, whose user has not asked for this.
    ownSession: 'stays',
    voids: [],
    knownDevices: 'keep',
    event: factorEvents.secondFactorAdded,
  },
  furtherPasskeyAdded: {
    ...passkeyRemoved,
    name: 'further passkey created',
    // The account asked for a second factor before, so the other sessions have shown one.
    otherSessions: 'stay',
    // The factors are not lost.
    voids: [factorTokens['factor-recovery']],
    knownDevices: 'keep',
    event: factorEvents.secondFactorAdded,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /register/passkey'],
    costs: 'a signature, an account, fourteen rows, a mail',
    bound: '`registrations`, `taken-names`, `taken-names-of-network`, `mails-to-unproven-address`',
  },
  { routes: ['POST /account/passkeys/offer'], costs: 'a cookie', bound: 'nothing is stored' },
  {
    routes: [
      'POST /login/passkey',
      'POST /login/passkey-setup',
      'POST /login/second-factor/passkey',
      'POST /account/confirm/passkey',
    ],
    costs: 'a signature, a session',
    bound: 'failures: `passkey-attempts`; each use needs the authenticator',
  },
  {
    routes: ['POST /account/passkeys', 'POST /account/passkeys/upgrade', 'POST /account/without-password'],
    costs: 'a signature, fourteen rows, a mail',
    bound: 'needs fresh authentication; at most 20 passkeys',
  },
];

/** For docs/limits.md. */
export const tables = {
  passkeys: {
    createdBy: 'a passkey that a user creates, a registration with one',
    perClient: 'as its sessions',
    perOwner: 'at most 20',
    deleted: 'when it is removed, and with the account',
  },
  spent_passkey_challenges: {
    createdBy: 'each accepted use of a passkey',
    perClient: 'as its sign-ins',
    perOwner: 'as its sign-ins',
    deleted: 'within an hour',
  },
} satisfies Readonly<Record<string, TableBounds>>;
