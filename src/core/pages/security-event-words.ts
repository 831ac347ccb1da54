import type { AuditNotice } from '../audit/record.ts';
import type { Event } from '../events.ts';

type Words = Readonly<Record<(Event | AuditNotice)['type'], string>>;

const types: Words = {
  registered: 'Account created',
  'signed-in': 'Signed in',
  'sign-in-refused': 'Sign-in refused',
  'signed-out': 'Signed out',
  'session-ended': 'Signed another browser out',
  'other-sessions-ended': 'Signed out everywhere else',
  'session-stolen': 'A session was ended, because an old copy of its cookie was used',
  'identity-confirmed': 'Confirmed who it is',
  'identity-not-confirmed': 'Confirming who it is failed',
  'password-changed': 'Password changed',
  'password-reset-requested': 'A mail to choose a new password was asked for',
  'password-reset-refused': 'A mail to choose a new password was asked for, and none was sent',
  'password-reset-link-created': 'The operator made a link to choose a new password',
  'sign-in-disowned': 'A sign-in was somebody else’s: signed out everywhere, password disabled',
  'password-reset': 'New password chosen, by a link',
  'address-confirmed': 'Email address confirmed',
  'address-not-confirmed': 'A wrong code or password was given to confirm the email address',
  'provider-failed': 'Signing in with another site failed',
  'identity-linked': 'Connected with another site',
  'identity-unlinked': 'Disconnected from another site',
  'account-disabled': 'Account disabled by the operator',
  'account-enabled': 'Account enabled by the operator',
  'account-deletion-requested': 'Deletion of the account requested',
  'account-deletion-cancelled': 'Account kept, by signing in again',
  'account-deleted': 'Account deleted',
  'signed-out-everywhere': 'Signed out everywhere by the operator',
  'data-exported': 'Data downloaded',
  'request-refused': 'A forged or outdated form was refused',
  'sign-in-waits': 'Proof accepted; a further step was asked for',
  'breach-check-failed': 'Nobody could be asked about stolen passwords',
  'mail-sent': 'Mail sent',
  'mail-delayed': 'Mail has to wait for the mail server',
  'mail-failed': 'Mail could not be delivered',
  throttled: 'Further attempts had to wait',
  'password-disabled': 'The password was disabled after a hundred wrong ones in a row',
  'registration-refused': 'Registration refused',
  'invitation-created': 'Invitation made',
  'invitation-revoked': 'Invitation revoked',
  'invitation-spent': 'Registered by invitation',
  'audit-records-lost': 'Records were lost',
  'audit-records-left-out': 'Further refusals of strangers were not recorded',
  'audit-resumed': 'The record goes on after an end that could not be believed',
};

/** What happened, in the words of the one whom it happened to; the command line uses them, too. */
export const securityEvents = {
  /** A record may tell of what only a newer version knows. */
  types: types as Readonly<Record<string, string>>,
  /** Why a sign-in was refused. */
  refusalReasons: {
    'wrong-credential': 'wrong password',
    'credential-changed': 'what proved it was changed at that moment',
    'account-unusable': 'the account may not be used',
    'password-too-long': 'the password was too long',
    'pepper-lost': 'the password cannot be checked at the moment',
    'unknown-account': 'nobody has that name',
    'no-address': 'the account has no address of its own',
    'password-disabled': 'too many wrong passwords came before',
  } as Readonly<Record<string, string>>,
  withMethod: (event: string, method: string) => `${event} with ${method}`,
  withReason: (event: string, reason: string) => `${event}: ${reason}`,
  withCount: (event: string, count: number) => `${event}: ${count}`,
};
