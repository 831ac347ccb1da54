import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { VOID_AFTER_PASSWORD_CHANGE } from '../../auth/one-time-tokens/purpose.ts';

export const changes = defineCredentialChanges({
  providerConnected: {
    name: 'identity provider connected',
    sessions: 'none',
    // The session is good for another way in from now on.
    rotates: true,
    pendingSignIns: 'keep',
    voids: [],
    knownDevices: 'keep',
    linkedIdentities: 'add-one',
    notifies: ['credential-changed'],
    event: 'identity-linked',
  },
  providerDisconnected: {
    name: 'identity provider disconnected',
    sessions: 'others',
    rotates: true,
    pendingSignIns: 'end',
    voids: VOID_AFTER_PASSWORD_CHANGE,
    knownDevices: 'forget-others',
    linkedIdentities: 'remove-one',
    notifies: ['credential-changed'],
    event: 'identity-unlinked',
  },
});
