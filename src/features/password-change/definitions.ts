import { type CredentialChange, defineCredentialChanges } from '../../auth/credential-change.ts';
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
