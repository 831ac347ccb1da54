import { describeError, type Log } from '../observability/index.ts';
import type { Database } from '../sql/index.ts';
import type { Chain } from './chain.ts';
import type { AuditRecord } from './record.ts';
import type { AuditTables } from './store.ts';

/** Writes records to the database in the background, in order. */
export type AuditWriter = {
  readonly add: (record: AuditRecord) => void;
  /** Tries now to write all queued records. Settles in any case. */
  readonly settle: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type AuditWriterParts = {
  readonly chain: Chain;
  readonly database: Database<AuditTables>;
  readonly log: Log;
  /** Makes the record that states how many others were lost. */
  readonly lossRecord: (count: number) => AuditRecord;
  /** How many records may be queued; tests have fewer. */
  readonly maxQueued?: number;
};

/** The pause after the database was unavailable, in milliseconds. */
const PAUSE = 1_000;

/** Makes a writer. While it writes one batch the next one collects, so a busy node makes few transactions. */
export function createAuditWriter(parts: AuditWriterParts): AuditWriter {
  const queue = createQueue(parts.maxQueued);
  let state: 'idle' | 'scheduled' | 'writing' | 'pausing' | 'closed' = 'idle';
  let writing: Promise<void> = Promise.resolve();
  let pause: NodeJS.Timeout | undefined;

  const start = (): Promise<void> => {
    if (state === 'writing' || state === 'closed') return writing;
    clearTimeout(pause);
    state = 'writing';
    writing = writeAll(parts, queue).then((isAllWritten) => {
      if (state === 'closed') return;
      state = isAllWritten ? 'idle' : 'pausing';
      if (!isAllWritten) pause = setTimeout(start, PAUSE).unref();
    });
    return writing;
  };

  return {
    add: (record) => {
      queue.add(record);
      if (state !== 'idle') return;
      state = 'scheduled';
      // After the response; what else happens in this turn goes into the same batch.
      setImmediate(() => {
        if (state === 'scheduled') void start();
      });
    },
    settle: start,
    close: async () => {
      await start();
      state = 'closed';
      clearTimeout(pause);
      const count = queue.count() + queue.takeLost();
      if (count > 0) parts.log.error({ event: 'audit-records-lost', count });
    },
  };
}

/** Writes until the queue is empty; returns false when the database is unavailable. */
async function writeAll(
  { chain, database, log, lossRecord }: AuditWriterParts,
  queue: Queue,
): Promise<boolean> {
  for (let batch = queue.next(); batch !== null; batch = queue.next()) {
    try {
      await chain.append(batch);
      queue.confirm();
    } catch (error) {
      const isUnavailable = database.isUnavailable(error);
      const event = isUnavailable ? 'audit-waits' : 'audit-refused';
      log.error({ event, records: queue.count(), error: describeError(error) });
      if (isUnavailable) return false;
      queue.split();
      continue;
    }
    const count = queue.takeLost();
    if (count === 0) continue;
    log.error({ event: 'audit-records-lost', count });
    queue.add(lossRecord(count));
  }
  return true;
}

/** Records that are not written yet, in order. */
type Queue = ReturnType<typeof createQueue>;

/** About 10 MB. */
const MAX_QUEUED = 10_000;

/** The sizes of batches, so that there are few different statements for the engines to keep prepared. */
const SIZES = [64, 32, 16, 8, 4, 2, 1];

/** @param max how many records it holds; further ones are lost, and counted */
function createQueue(max: number = MAX_QUEUED) {
  let records: AuditRecord[] = [];
  /** What was taken from `records` and is not written; a batch that is tried again must be the very same. */
  let batches: (readonly AuditRecord[])[] = [];
  let lost = 0;
  const count = () => records.length + batches.reduce((sum, { length }) => sum + length, 0);
  return {
    count,
    add: (record: AuditRecord): void => {
      if (count() < max) records.push(record);
      else lost += 1;
    },
    /** The batch to write, or null. It stays the next one until it is confirmed or split. */
    next: (): readonly AuditRecord[] | null => {
      const size = SIZES.find((one) => one <= records.length);
      if (batches.length === 0 && size !== undefined) {
        batches = [records.slice(0, size)];
        records = records.slice(size);
      }
      return batches[0] ?? null;
    },
    /** The batch is written. */
    confirm: (): void => {
      batches.shift();
    },
    /** The database refuses the batch for its content: its halves are tried on their own, and a single record is lost. */
    split: (): void => {
      const batch = batches.shift() ?? [];
      const middle = Math.floor(batch.length / 2);
      if (middle === 0) lost += batch.length;
      else batches.unshift(batch.slice(0, middle), batch.slice(middle));
    },
    /** How many were lost since the last call. */
    takeLost: (): number => {
      const taken = lost;
      lost = 0;
      return taken;
    },
  };
}
