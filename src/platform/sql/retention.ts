import type { QueryExecutorProvider } from 'kysely';
import { describeError, type Log } from '../observability/index.ts';
import { type Clock, MINUTE } from '../runtime/index.ts';
import type { Leases } from './leases.ts';
import { type AnyExpiringTable, deleteExpired } from './statements.ts';

/** Deletes expired rows of one kind, at most `max`; returns how many. */
export type DeleteExpired = (now: number, max: number) => Promise<number>;

/** Rows that expire: a table, or a function where more is to do than to delete the rows. */
export type Expiring = AnyExpiringTable | DeleteExpired;

/** Small enough that no request waits long for the locks on these rows. */
const BATCH = 500;
const INTERVAL = MINUTE;
const LEASE = 2 * INTERVAL;
const WORK = 'delete expired rows';

export type RetentionParts = {
  readonly queries: QueryExecutorProvider;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Deletes expired rows of all kinds, in small batches, on one node at a time. A kind that fails does not keep the others.
 * @returns how many rows were deleted, or null when another node does this
 * @throws {AggregateError} after all kinds, when some have failed
 */
export async function deleteExpiredRows(
  parts: RetentionParts,
  kinds: readonly Expiring[],
): Promise<number | null> {
  let total = 0;
  const failures: unknown[] = [];
  for (const kind of kinds) {
    let deleted: number;
    do {
      // The lease is renewed with each batch; a node that has lost it stops.
      if (!(await parts.leases.hold(WORK, parts.clock(), LEASE))) return total === 0 ? null : total;
      deleted = await deleteBatch(parts, kind).catch((error: unknown) => {
        failures.push(error);
        return 0;
      });
      total += deleted;
    } while (deleted === BATCH);
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some expired rows were not deleted');
  return total;
}

async function deleteBatch({ queries, clock }: RetentionParts, kind: Expiring): Promise<number> {
  return typeof kind === 'function' ? kind(clock(), BATCH) : deleteExpired(queries, kind, clock(), BATCH);
}

/** Does so every minute. It keeps no process alive; after an error it tries again at the next interval. */
export function startRetention(parts: RetentionParts, kinds: readonly Expiring[]): () => void {
  const run = async () => {
    try {
      const deleted = await deleteExpiredRows(parts, kinds);
      if (deleted !== null && deleted > 0) parts.log.info({ event: 'expired-rows-deleted', deleted });
    } catch (error) {
      for (const cause of error instanceof AggregateError ? error.errors : [error])
        parts.log.warn({ event: 'expired-rows-not-deleted', error: describeError(cause) });
    }
  };
  const timer = setInterval(() => void run(), INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}
