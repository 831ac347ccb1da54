import { defineCredentialChanges } from '../../auth/credential-change.ts';

export const changes = defineCredentialChanges({
  addressConfirmed: {
    name: 'address confirmed for the first time',
    sessions: 'none',
    rotates: false,
    pendingSignIns: 'keep',
    voids: ['email-confirmation'],
    knownDevices: 'keep',
    linkedIdentities: 'keep',
    notifies: [],
    event: 'address-confirmed',
  },
});
