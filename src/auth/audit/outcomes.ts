import type { AuditTrail } from '../../platform/audit-log/index.ts';
import type { Event, Observer } from '../events.ts';

type Outcome = 'success' | 'failure';

/** What an event is to the record. */
type Kind = {
  /** Whether what was attempted came about. A failure here is what is looked for after an attack. */
  readonly outcome: Outcome;
  /**
   * Whether it alters an account, its credentials or its sessions, prepares that, or takes data from it. Such an event
   * is never left out because other users of the same client had too many: each account has a bound of its own.
   */
  readonly isChange: boolean;
};

const done: Kind = { outcome: 'success', isChange: false };
const changed: Kind = { outcome: 'success', isChange: true };
const failed: Kind = { outcome: 'failure', isChange: false };
const harmed: Kind = { outcome: 'failure', isChange: true };

const kinds: Readonly<Record<Event['type'], Kind>> = {
  registered: done,
  'signed-in': done,
  'sign-in-refused': failed,
  'signed-out': done,
  'session-ended': changed,
  'other-sessions-ended': changed,
  'session-stolen': harmed,
  'identity-confirmed': changed,
  'identity-not-confirmed': failed,
  'password-changed': changed,
  'sign-in-link-requested': done,
  'sign-in-link-refused': failed,
  'password-reset-requested': changed,
  'password-reset-refused': failed,
  'password-reset-link-created': changed,
  'password-reset': changed,
  'sign-in-disowned': changed,
  'address-confirmed': changed,
  'address-not-confirmed': failed,
  'address-change-requested': changed,
  'address-changed': changed,
  'address-change-undone': changed,
  'provider-failed': failed,
  'identity-linked': changed,
  'identity-unlinked': changed,
  'session-ended-by-provider': changed,
  'account-disabled': changed,
  'account-enabled': changed,
  'account-deletion-requested': changed,
  'account-deletion-cancelled': changed,
  'account-deleted': changed,
  'signed-out-everywhere': changed,
  'data-exported': changed,
  'request-refused': failed,
  'mail-sent': done,
  'mail-delayed': failed,
  'mail-failed': failed,
  throttled: failed,
  'sign-in-waits': done,
  'breach-check-failed': failed,
  'password-disabled': harmed,
  'registration-refused': failed,
  'invitation-created': done,
  'invitation-revoked': done,
  'invitation-spent': done,
};

/** Records events; what they are about has other names in the audit log. */
export function recordTo({ record }: Pick<AuditTrail, 'record'>): Observer {
  return (event, origin) => {
    const { type, ...named } = event;
    const { accountId = null, sessionId = null, ...details }: NamedData = named;
    const isRecorded = (field: string) => field !== 'providerSaid';
    const audited = { name: type, ...kinds[type], isRecorded };
    record(audited, { subject: accountId, correlationId: sessionId, ...details }, origin);
  };
}

type NamedData = Readonly<Record<string, unknown>> & {
  readonly accountId?: string | null;
  readonly sessionId?: string | null;
};
