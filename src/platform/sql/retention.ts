import type { Log } from '../observability/log.ts';
import { type Clock, MINUTE } from '../runtime/clock.ts';
import type { Leases } from './leases.ts';

/** Deletes rows that have run out; at most so many, and says how many they were. */
export type DeleteExpired = (now: number, most: number) => Promise<number>;

/** Rows of one kind that run out. */
export type Expiring = { readonly name: string; readonly deleteExpired: DeleteExpired };

/** Few enough that nobody waits long for their locks. */
const BATCH = 500;
const INTERVAL = MINUTE;
const LEASE = 2 * INTERVAL;
const WORK = 'delete expired rows';

export type RetentionParts = {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Deletes what has run out, in small batches, on one node at a time.
 * @returns how many rows went, or null when another node is at it
 */
export async function deleteExpiredRows(
  { leases, clock }: RetentionParts,
  kinds: readonly Expiring[],
): Promise<number | null> {
  let total = 0;
  for (const { deleteExpired } of kinds) {
    let deleted: number;
    do {
      // The lease is renewed with each batch; a node that has lost it stops.
      if (!(await leases.hold(WORK, clock(), LEASE))) return total === 0 ? null : total;
      deleted = await deleteExpired(clock(), BATCH);
      total += deleted;
    } while (deleted === BATCH);
  }
  return total;
}

/** Does so every minute. It keeps no process alive, and a database that is away is tried again the next time. */
export function startRetention(parts: RetentionParts, kinds: readonly Expiring[]): () => void {
  const run = async () => {
    try {
      const deleted = await deleteExpiredRows(parts, kinds);
      if (deleted !== null && deleted > 0) parts.log.info({ event: 'expired-rows-deleted', deleted });
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      parts.log.warn({ event: 'expired-rows-not-deleted', error: name });
    }
  };
  const timer = setInterval(() => void run(), INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}
