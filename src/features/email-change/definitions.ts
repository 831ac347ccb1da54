import { defineCredentialChanges } from '../../auth/credential-change.ts';
import { VOID_AFTER_RECOVERY } from '../../auth/one-time-tokens/purpose.ts';

export const changes = defineCredentialChanges({
  addressChanged: {
    name: 'address changed',
    sessions: 'others',
    rotates: true,
    pendingSignIns: 'end',
    voids: VOID_AFTER_RECOVERY,
    knownDevices: 'forget-others',
    linkedIdentities: 'keep',
    notifies: ['address-change-notice', 'address-changed'],
    event: 'address-changed',
  },
  addressChangeUndone: {
    name: 'change of address undone',
    sessions: 'all',
    rotates: false,
    pendingSignIns: 'end',
    voids: VOID_AFTER_RECOVERY,
    // An attacker who changed the address more than once has undo links, too: those of later changes.
    voidsLater: 'email-change-undo',
    knownDevices: 'forget-all',
    linkedIdentities: 'remove-all',
    notifies: ['reset-password'],
    event: 'address-change-undone',
  },
});
