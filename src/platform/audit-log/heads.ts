import { describeError, type Log } from '../observability/index.ts';
import { type Clock, DAY } from '../runtime/index.ts';
import type { Database } from '../sql/index.ts';
import type { Chain } from './chain.ts';
import { formatPosition } from './seals.ts';
import type { AuditTables } from './store.ts';
import { readEnd } from './store.ts';

export type HeadParts = {
  readonly chain: Chain;
  readonly database: Database<AuditTables>;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Logs the newest record. The log is kept elsewhere, so `latchkey audit verify --expect` detects a restored older state
 * of the database.
 */
export function createHeads({ chain, database, clock, log }: HeadParts) {
  let loggedAt: number | null = null;
  const logHead = async () => {
    loggedAt = clock();
    try {
      const position = await chain.head();
      const records = position.sequence - ((await readEnd(database.queries, 'first'))?.sequence ?? 0);
      log.info({ event: 'audit-head', head: formatPosition(position), records });
    } catch (error) {
      log.warn({ event: 'audit-head-unknown', error: describeError(error) });
    }
  };
  return {
    log: logHead,
    logDaily: async () => {
      if (loggedAt === null || clock() >= loggedAt + DAY) await logHead();
    },
    /** At the end, unless nothing was logged before: a command of an operator logs no head. */
    logLast: async () => {
      if (loggedAt !== null) await logHead();
    },
  };
}
