import { defineCredentialChanges } from '../../auth/credential-change.ts';
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
