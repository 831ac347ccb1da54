import { type CredentialChange, defineCredentialChanges } from '../../auth/credential-change.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { emails, events as passwordEvents } from '../passwords/index.ts';

const passwordChanged = {
  name: 'password changed',
  otherSessions: 'end',
  ownSession: 'new token',
  proves: 'password',
  voids: 'password-change',
  knownDevices: 'forget-others',
  linkedIdentities: 'keep',
  notifies: [emails.passwordChanged],
  event: passwordEvents.passwordChanged,
} as const satisfies CredentialChange;

export const changes = defineCredentialChanges({
  passwordChanged,
  firstPasswordSet: { ...passwordChanged, name: 'first password set' },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /account/password'],
    costs: 'a hash, a mail',
    bound: 'failures: `session`; successes: `right-passwords`',
  },
];
