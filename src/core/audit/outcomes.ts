import type { Event } from '../events.ts';
import type { AuditNotice } from './record.ts';

export type Outcome = 'success' | 'failure';

/** Whether what was attempted came about. What is a failure here is what somebody looks for after an attack. */
export const outcomes: Readonly<Record<(Event | AuditNotice)['type'], Outcome>> = {
  registered: 'success',
  'signed-in': 'success',
  'sign-in-refused': 'failure',
  'signed-out': 'success',
  'session-ended': 'success',
  'other-sessions-ended': 'success',
  'session-stolen': 'failure',
  'identity-confirmed': 'success',
  'identity-not-confirmed': 'failure',
  'password-changed': 'success',
  'address-confirmed': 'success',
  'address-not-confirmed': 'failure',
  'account-disabled': 'success',
  'account-enabled': 'success',
  'account-deletion-requested': 'success',
  'account-deletion-cancelled': 'success',
  'account-deleted': 'success',
  'signed-out-everywhere': 'success',
  'data-exported': 'success',
  'request-refused': 'failure',
  'mail-sent': 'success',
  'mail-delayed': 'failure',
  'mail-failed': 'failure',
  throttled: 'failure',
  'sign-in-waits': 'success',
  'breach-check-failed': 'failure',
  'password-disabled': 'failure',
  'registration-refused': 'failure',
  'invitation-created': 'success',
  'invitation-revoked': 'success',
  'invitation-spent': 'success',
  'audit-records-lost': 'failure',
  'audit-records-left-out': 'failure',
  'audit-resumed': 'failure',
};
