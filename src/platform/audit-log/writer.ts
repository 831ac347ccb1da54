import { describeError, type Log } from '../observability/log.ts';
import type { Database } from '../sql/database.ts';
import type { Chain } from './chain.ts';
import type { AuditRecord } from './record.ts';
import type { AuditTables } from './store.ts';
import { createWaiting, type Waiting } from './waiting.ts';

/** What brings records into the database, in the background and in order. */
export type AuditWriter = {
  readonly add: (record: AuditRecord) => void;
  /** Tries now to write all that waits. Settles in any case. */
  readonly settle: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type AuditWriterParts = {
  readonly chain: Chain;
  readonly database: Database<AuditTables>;
  readonly log: Log;
  /** Makes the record that says how many others were lost. */
  readonly lossRecord: (count: number) => AuditRecord;
  /** How many records may wait; tests have fewer. */
  readonly mostWaiting?: number;
};

/** How long a database that is away is left alone, in milliseconds. */
const PAUSE = 1_000;

/**
 * Makes a writer. While it writes one batch the next one gathers, so a node that has much to tell makes few
 * transactions of it.
 */
export function createAuditWriter(parts: AuditWriterParts): AuditWriter {
  const waiting = createWaiting(parts.mostWaiting);
  let state: 'idle' | 'scheduled' | 'writing' | 'pausing' | 'closed' = 'idle';
  let writing: Promise<void> = Promise.resolve();
  let pause: NodeJS.Timeout | undefined;

  const start = (): Promise<void> => {
    if (state === 'writing' || state === 'closed') return writing;
    clearTimeout(pause);
    state = 'writing';
    writing = writeAll(parts, waiting).then((isAllWritten) => {
      if (state === 'closed') return;
      state = isAllWritten ? 'idle' : 'pausing';
      if (!isAllWritten) pause = setTimeout(start, PAUSE).unref();
    });
    return writing;
  };

  return {
    add: (record) => {
      waiting.add(record);
      if (state !== 'idle') return;
      state = 'scheduled';
      // Behind the answer to the request; and what else happens in this turn goes into the same batch.
      setImmediate(() => {
        if (state === 'scheduled') void start();
      });
    },
    settle: start,
    close: async () => {
      await start();
      state = 'closed';
      clearTimeout(pause);
      const count = waiting.count() + waiting.takeLost();
      if (count > 0) parts.log.error({ event: 'audit-records-lost', count });
    },
  };
}

/** Writes until nothing waits; returns false when the database is away. */
async function writeAll(
  { chain, database, log, lossRecord }: AuditWriterParts,
  waiting: Waiting,
): Promise<boolean> {
  for (let batch = waiting.next(); batch !== null; batch = waiting.next()) {
    try {
      await chain.append(batch);
      waiting.done();
    } catch (error) {
      const isAway = database.isUnavailable(error);
      const event = isAway ? 'audit-waits' : 'audit-refused';
      log.error({ event, records: waiting.count(), error: describeError(error) });
      if (isAway) return false;
      waiting.refused();
      continue;
    }
    const count = waiting.takeLost();
    if (count === 0) continue;
    log.error({ event: 'audit-records-lost', count });
    waiting.add(lossRecord(count));
  }
  return true;
}
