import { type CredentialChange, defineCredentialChanges } from '../../auth/credential-change.ts';
import type { RouteBounds, TableBounds } from '../../platform/rate-limit/index.ts';
import { defineFlashes } from '../../platform/web/index.ts';
import { emails, events } from '../second-factors/index.ts';
import { flashWords } from './words.ts';

export const flashes = defineFlashes(flashWords, {
  authenticatorAdded: 'success',
  authenticatorRemoved: 'success',
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

export const changes = defineCredentialChanges({
  authenticatorRemoved,
  authenticatorAdded: {
    ...authenticatorRemoved,
    name: 'authenticator app set up',
    // The other sessions have shown one factor alone (A11); this one shows both.
    factor: 'totp',
    event: events.secondFactorAdded,
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
