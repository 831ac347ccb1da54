import type { EventData, EventDefinition, Origin, Outcome } from '../events/index.ts';
import type { Id } from '../text/index.ts';

/** What the audit log needs to know about an event. */
export type AuditedEvent = Pick<EventDefinition, 'name' | 'outcome' | 'isChange' | 'isRecorded'>;

/** The data of an event; `subject` and `correlationId` have columns of their own. */
export type AuditedData = EventData & {
  /** The id of what the event is about, or null. */
  readonly subject?: Id | null;
  /** An id that connects events of one subject beyond one request, or null. */
  readonly correlationId?: Id | null;
};

/** An event as it is stored. It contains no secret, and identifies users by ids only. */
export type AuditRecord = {
  /** Milliseconds of UTC. */
  readonly happenedAt: number;
  readonly type: string;
  readonly outcome: string;
  readonly subject: Id | null;
  readonly correlationId: Id | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly work: string | null;
  /** The rest of the event, as JSON. */
  readonly details: string;
};

/** Characters; no event comes near it. */
const MAX_DETAILS = 2_000;
const MAX_REQUEST_ID = 64;
const MAX_ADDRESS = 64;
/** The user agent of a refused client; others are stored as they are. */
const MAX_REFUSED_USER_AGENT = 120;

/** Makes a record of an event. @param happenedAt milliseconds of UTC */
export function recordOf(
  event: AuditedEvent,
  { subject = null, correlationId = null, ...details }: AuditedData,
  origin: Origin,
  happenedAt: number,
): AuditRecord {
  return {
    happenedAt,
    type: event.name,
    outcome: event.outcome,
    subject,
    correlationId,
    ...columnsOf(origin, event.outcome),
    details: serialize(event, { ...details, ...actorOf(origin) }),
  };
}

/** The field of the details that names who caused an event. */
export const ACTOR_FIELD = 'by';

function actorOf(origin: Origin): EventData {
  return 'work' in origin && origin.by !== undefined ? { [ACTOR_FIELD]: origin.by } : {};
}

function columnsOf(origin: Origin, outcome: Outcome) {
  if ('work' in origin) return { requestId: null, address: null, userAgent: null, work: origin.work };
  const { requestId, address, userAgent } = origin;
  return {
    requestId: requestId.slice(0, MAX_REQUEST_ID),
    address: address.slice(0, MAX_ADDRESS),
    userAgent: storable(outcome === 'failure' ? userAgent.slice(0, MAX_REFUSED_USER_AGENT) : userAgent),
    work: null,
  };
}

// A text that a database changes or refuses would later look like tampering.
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function serialize({ isRecorded }: AuditedEvent, data: EventData): string {
  const details = JSON.stringify(
    Object.fromEntries(Object.entries(data).filter(([field]) => isRecorded(field))),
  );
  return details.length <= MAX_DETAILS ? details : '{"leftOut":"too long"}';
}
