import { defineCredentialChanges } from '../credential-change.ts';
import { emails, events } from '../definitions.ts';
import { VOID_AFTER_RECOVERY } from '../one-time-tokens/purpose.ts';

export const changes = defineCredentialChanges({
  accountDisabled: {
    name: 'account disabled by the operator',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: VOID_AFTER_RECOVERY,
    knownDevices: 'forget-all',
    linkedIdentities: 'keep',
    notifies: [emails.accountDisabled],
    event: events.accountDisabled,
  },
});
