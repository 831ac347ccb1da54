import { kinds, type Outcome } from '../../auth/audit/outcomes.ts';
import type { Event, Origin } from '../../auth/events.ts';
import type { LeftOut } from './shares.ts';

/** What the audit record says of itself, beside the events that it is told of. */
export type AuditNotice =
  /** So many events could not be kept here, because the database was away for too long or refused them. */
  | { readonly type: 'audit-records-lost'; readonly count: number }
  /** So many refusals of strangers were left out, because there were too many at once. */
  | { readonly type: 'audit-records-left-out'; readonly count: number }
  /** The number of records of one type that were left out, because one account or one client had too many. */
  | ({ readonly type: 'audit-records-left-out' } & LeftOut)
  /** The row that should have told the newest record could not be believed. `told` is what stood in it. */
  | {
      readonly type: 'audit-resumed';
      readonly told: string | null;
      /** The newest record that this node had written and no longer found, as `number:MAC`. */
      readonly missed?: string;
    };

/** One thing that happened, as it is kept for good. Nothing in it is secret, and nothing but an id names a person. */
export type AuditRecord = {
  /** Milliseconds of UTC. */
  readonly happenedAt: number;
  readonly type: string;
  readonly outcome: string;
  readonly accountId: string | null;
  readonly sessionId: string | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly work: string | null;
  /** The rest of the event, as JSON. */
  readonly details: string;
};

/** The longest details that are kept, in characters; nothing that is announced today comes near it. */
const LONGEST_DETAILS = 2_000;
const LONGEST_REQUEST_ID = 64;
const LONGEST_ADDRESS = 64;
/** Of a browser that was refused; of others all is kept that a request tells. */
const LONGEST_REFUSED_USER_AGENT = 120;

/** What has a column of its own, and the words of another site, which are kept nowhere but in the log. */
const COLUMNS = new Set(['type', 'accountId', 'sessionId', 'providerSaid']);

/** Makes a record of an event. @param happenedAt milliseconds of UTC */
export function recordOf(event: Event | AuditNotice, origin: Origin, happenedAt: number): AuditRecord {
  const { outcome } = kinds[event.type];
  return {
    happenedAt,
    type: event.type,
    outcome,
    accountId: 'accountId' in event ? event.accountId : null,
    sessionId: 'sessionId' in event ? event.sessionId : null,
    ...placeOf(origin, outcome),
    details: detailsOf(event),
  };
}

function placeOf(origin: Origin, outcome: Outcome) {
  if ('work' in origin) return { requestId: null, address: null, userAgent: null, work: origin.work };
  const { requestId, address, userAgent } = origin;
  return {
    requestId: requestId.slice(0, LONGEST_REQUEST_ID),
    address: address.slice(0, LONGEST_ADDRESS),
    userAgent: storable(outcome === 'failure' ? userAgent.slice(0, LONGEST_REFUSED_USER_AGENT) : userAgent),
    work: null,
  };
}

// What a database would change or refuse would later look like tampering.
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function detailsOf(event: Event | AuditNotice): string {
  const details = JSON.stringify(
    Object.fromEntries(Object.entries(event).filter(([name]) => !COLUMNS.has(name))),
  );
  return details.length <= LONGEST_DETAILS ? details : '{"leftOut":"too long"}';
}
