import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { VOID_AFTER_RECOVERY } from '../../auth/one-time-tokens/purpose.ts';

export const changes = defineCredentialChanges({
  signInReported: {
    name: 'unrecognised sign-in reported',
    sessions: 'all',
    rotates: false,
    pendingSignIns: 'end',
    voids: VOID_AFTER_RECOVERY,
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: ['reset-password'],
    event: 'sign-in-disowned',
  },
});
