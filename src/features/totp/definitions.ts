import { type CredentialChange, defineCredentialChanges } from '../../auth/credential-change.ts';
import type { RouteBounds, TableBounds } from '../../platform/rate-limit/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails, events } from '../second-factors/index.ts';
import { flashWords } from './words.ts';

export const flashes = defineFlashes(flashWords, {
  authenticatorAdded: 'success',
  authenticatorRemoved: 'success',
  authenticatorReplaced: 'success',
  authenticatorAlready: 'notice',
  authenticatorExpired: 'notice',
  authenticatorMissing: 'notice',
});

const authenticatorRemoved = {
  name: 'authenticator app removed',
  otherSessions: 'end',
  ownSession: 'new token',
  voids: 'password-change',
  knownDevices: 'forget-others',
  linkedIdentities: 'keep',
  notifies: [emails.secondFactorChanged],
  event: events.secondFactorRemoved,
} as const satisfies CredentialChange;

const authenticatorAdded = {
  ...authenticatorRemoved,
  name: 'authenticator app set up',
  // The other sessions have shown one factor alone (A11); this one shows both.
  factor: 'totp',
  event: events.secondFactorAdded,
} as const satisfies CredentialChange;

export const changes = defineCredentialChanges({
  authenticatorRemoved,
  authenticatorAdded,
  authenticatorAddedAtSignIn: {
    name: 'authenticator app set up at a sign-in',
    otherSessions: 'end',
    ownSession: 'begins',
    voids: 'password-change',
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: [emails.secondFactorChanged],
    event: events.secondFactorAdded,
  },
  authenticatorReplaced: {
    ...authenticatorAdded,
    name: 'authenticator app replaced',
    // A lost device may be why.
    event: events.secondFactorReplaced,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/authenticator'],
    costs: 'twelve rows, a mail',
    bound: 'needs fresh authentication; ends all other sessions',
  },
  {
    routes: ['POST /login/authenticator-setup'],
    costs: 'twelve rows, a mail, a session',
    bound: 'needs a pending sign-in to an account that has no second factor',
  },
  {
    routes: ['POST /login/authenticator'],
    costs: 'a comparison, a session',
    bound: '`second-factor`, `second-factor-device`; a hundred wrong codes in a row',
  },
];

/** For docs/limits.md. */
export const tables = {
  totp_secrets: {
    createdBy: 'an authenticator app that a user sets up',
    perClient: 'as its sessions',
    perOwner: 'one',
    deleted: 'when it is removed, and with the account',
  },
} satisfies Readonly<Record<string, TableBounds>>;
