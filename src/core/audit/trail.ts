import { createBudget } from '../budget.ts';
import { type Clock, MINUTE } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { type Event, isRepetition, type Observer } from '../events.ts';
import type { Log } from '../log.ts';
import type { DeleteExpired } from '../retention.ts';
import type { Secrets } from '../secrets.ts';
import { createChain } from './chain.ts';
import { deleteExpiredLinks } from './expiry.ts';
import { outcomes } from './outcomes.ts';
import { type AuditNotice, type AuditRecord, recordOf } from './record.ts';
import { createSeals } from './seals.ts';
import { newestLinks } from './store.ts';
import { createAuditWriter } from './writer.ts';

/** What keeps a record of everything that happens. */
export type AuditTrail = {
  /** Takes an event at once; it is written soon after, in the order in which it came. */
  readonly record: Observer;
  /** Tries now to write all that waits. Settles in any case. */
  readonly settle: () => Promise<void>;
  /** What happened to an account last, the newest first and at most so much. */
  readonly newestOf: (accountId: string, most: number) => Promise<readonly AuditRecord[]>;
  readonly deleteExpired: DeleteExpired;
  /** Writes what waits, and says in the log what could not be written. */
  readonly close: () => Promise<void>;
};

export type AuditTrailParts = {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** How long records are kept, in milliseconds. */
  readonly retention: number;
  /** How many records may wait for the database; tests have fewer. */
  readonly mostWaiting?: number;
};

/** So many refusals of strangers are recorded on one node. Each of them costs a stranger nothing, and here a row. */
const OF_STRANGERS = { most: 300, window: MINUTE };

export function createAuditTrail({ clock, retention, secrets, ...parts }: AuditTrailParts): AuditTrail {
  const { database, log } = parts;
  const seals = createSeals(secrets);
  const chain = createChain({ database, seals, clock, log });
  const ofItself = (notice: AuditNotice) => recordOf(notice, { work: 'audit' }, clock());
  const lossRecord = (count: number) => ofItself({ type: 'audit-records-lost', count });
  const { add, settle, close } = createAuditWriter({ ...parts, chain, lossRecord });
  const budget = createBudget(OF_STRANGERS);
  return {
    record: (event, origin) => {
      if (isRepetition(event)) return;
      const now = clock();
      if (isRefusalOfStranger(event)) {
        const { isWithin, leftOut } = budget.spend(now);
        if (leftOut > 0) add(ofItself({ type: 'audit-records-left-out', count: leftOut }));
        if (!isWithin) return;
      }
      add(recordOf(event, origin, now));
    },
    settle,
    newestOf: async (accountId, most) => (await newestLinks(database.queries, most, accountId)).toReversed(),
    deleteExpired: (now, most) => deleteExpiredLinks({ database, seals, log }, now - retention, most),
    close,
  };
}

function isRefusalOfStranger(event: Event): boolean {
  const isAboutSomebody = 'accountId' in event && event.accountId !== null;
  return !isAboutSomebody && outcomes[event.type] === 'failure';
}
