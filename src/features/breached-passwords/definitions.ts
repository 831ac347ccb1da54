import { defineCredentialChanges } from '../../auth/credential-change.ts';
import type { RouteBounds } from '../../platform/rate-limit/index.ts';
import { emails, events as passwordEvents } from '../passwords/index.ts';

export const changes = defineCredentialChanges({
  breachedPasswordReplaced: {
    name: 'stolen password replaced at sign-in',
    otherSessions: 'end',
    ownSession: 'begins',
    voids: 'password-change',
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: [emails.passwordChanged],
    event: passwordEvents.passwordChanged,
  },
});

/** For docs/limits.md. */
export const bounds: readonly RouteBounds[] = [
  {
    routes: ['POST /login/new-password'],
    costs: 'a hash',
    bound: 'needs a correct password of the last 10 minutes; the account’s turn in the hashing queue',
  },
];
