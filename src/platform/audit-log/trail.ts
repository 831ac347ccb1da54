import type { Secrets } from '../crypto/index.ts';
import { type EventDefinition, isRepetition, type Origin } from '../events/index.ts';
import type { Log } from '../observability/index.ts';
import type { Clock } from '../runtime/index.ts';
import type { Database, DeleteExpired } from '../sql/index.ts';
import type { Id } from '../text/index.ts';
import { createBounds } from './bounds.ts';
import { createChain } from './chain.ts';
import { auditEvents } from './events.ts';
import { deleteExpiredLinks } from './expiry.ts';
import { createHeads } from './heads.ts';
import { type AuditedData, type AuditedEvent, type AuditRecord, recordOf } from './record.ts';
import { createSeals } from './seals.ts';
import { type AuditTables, newestLinks } from './store.ts';
import { createAuditWriter } from './writer.ts';

export type AuditTrail = {
  /** Queues an event; it is written soon after, in order. */
  readonly record: (event: AuditedEvent, data: AuditedData, origin: Origin) => void;
  /** Tries now to write all queued records. Settles in any case. */
  readonly settle: () => Promise<void>;
  /** The last `max` records of one subject, newest first. */
  readonly newestOf: (subject: Id, max: number) => Promise<readonly AuditRecord[]>;
  /** Also logs the head once a day. */
  readonly deleteExpired: DeleteExpired;
  /** Logs the newest record, for later verification. If the database is unavailable, that is logged instead. */
  readonly logHead: () => Promise<void>;
  /** Writes all queued records, and logs how many could not be written. */
  readonly close: () => Promise<void>;
};

export type AuditTrailParts = {
  readonly database: Database<AuditTables>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, in milliseconds. */
  readonly retention: number;
  /** How many records may be queued; tests have fewer. */
  readonly maxQueued?: number;
};

export function createAuditTrail({ clock, retention, secrets, ...parts }: AuditTrailParts): AuditTrail {
  const { database, log } = parts;
  const seals = createSeals(secrets);
  const chain = createChain({ database, seals, clock, log });
  const ownRecord = <Data extends AuditedData>(event: EventDefinition<Data>, data: NoInfer<Data>) =>
    recordOf(event, data, { work: 'audit' }, clock());
  const lossRecord = (count: number) => ownRecord(auditEvents.auditRecordsLost, { count });
  const { add, settle, close } = createAuditWriter({ ...parts, chain, lossRecord });
  const bounds = createBounds();
  const recordLeftOut = (now: number) => {
    for (const leftOut of bounds.takeLeftOut(now)) add(ownRecord(auditEvents.auditRecordsLeftOut, leftOut));
  };
  const heads = createHeads({ ...parts, chain, clock });
  return {
    record: (event, data, origin) => {
      if (isRepetition(data)) return;
      const now = clock();
      const isKept = bounds.fits(event, data.subject ?? null, origin, now);
      recordLeftOut(now);
      if (isKept) add(recordOf(event, data, origin, now));
    },
    settle,
    newestOf: async (subject, max) => (await newestLinks(database.queries, max, subject)).toReversed(),
    deleteExpired: async (now, max) => {
      await heads.logDaily();
      return deleteExpiredLinks({ database, seals, log }, now - retention, max);
    },
    logHead: heads.log,
    close: async () => {
      recordLeftOut(Number.POSITIVE_INFINITY);
      await close();
      await heads.logLast();
    },
  };
}
