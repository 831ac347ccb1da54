import type { AccountId, SessionId } from '../auth/identifiers/ids.ts';
import type { AuditTrail } from '../platform/audit-log/index.ts';
import type { Announce, EventData, EventObserver, Origin } from '../platform/events/index.ts';

/** An event as observers receive it; `type` is the name of its definition. */
export type Event = EventData & { readonly type: string };
export type Observer = (event: Event, origin: Origin) => void;

export function observeByName(observe: Observer): EventObserver {
  return ({ name }, data, origin) => observe({ type: name, ...data }, origin);
}

type AccountData = EventData & {
  readonly accountId?: AccountId | null;
  readonly sessionId?: SessionId | null;
  readonly subject?: AccountId | null;
};

/**
 * Passes each event to an observer, and to the audit log. What the platform calls the subject of an event is an account,
 * and what connects events is a session.
 */
export function createAnnounce(observe: EventObserver, { record }: Pick<AuditTrail, 'record'>): Announce {
  const announce: EventObserver = (event, given: AccountData, origin) => {
    const { subject, ...own } = given;
    const data: AccountData = subject === undefined ? own : { accountId: subject, ...own };
    observe(event, data, origin);
    const { accountId = null, sessionId = null, ...details } = data;
    record(event, { subject: accountId, correlationId: sessionId, ...details }, origin);
  };
  return announce;
}
