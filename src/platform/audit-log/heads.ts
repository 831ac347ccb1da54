import { describeError, type Log } from '../observability/log.ts';
import { type Clock, DAY } from '../runtime/clock.ts';
import type { Database } from '../sql/database.ts';
import type { Chain } from './chain.ts';
import { writtenPlace } from './seals.ts';
import type { AuditTables } from './store.ts';
import { readEnd } from './store.ts';

export type HeadParts = {
  readonly chain: Chain;
  readonly database: Database<AuditTables>;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Logs the newest record. The log goes elsewhere, so whoever puts back an older state of the database is found out by
 * `latchkey audit verify --expect`, with nothing noted by hand.
 */
export function createHeads({ chain, database, clock, log }: HeadParts) {
  let loggedAt: number | null = null;
  const logHead = async () => {
    loggedAt = clock();
    try {
      const place = await chain.head();
      const records = place.sequence - ((await readEnd(database.queries, 'first'))?.sequence ?? 0);
      log.info({ event: 'audit-head', head: writtenPlace(place), records });
    } catch (error) {
      log.warn({ event: 'audit-head-unknown', error: describeError(error) });
    }
  };
  return {
    log: logHead,
    /** Once a day. */
    logDaily: async () => {
      if (loggedAt === null || clock() >= loggedAt + DAY) await logHead();
    },
    /** The last one, of a trail that has logged others before: a command of an operator logs none. */
    logLast: async () => {
      if (loggedAt !== null) await logHead();
    },
  };
}
