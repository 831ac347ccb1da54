import { defineCredentialChanges } from '../credential-change.ts';
import { emails, events } from '../definitions.ts';

export const changes = defineCredentialChanges({
  accountDisabled: {
    name: 'account disabled by the operator',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: 'recovery',
    knownDevices: 'forget-all',
    linkedIdentities: 'keep',
    notifies: [emails.accountDisabled],
    event: events.accountDisabled,
  },
});
