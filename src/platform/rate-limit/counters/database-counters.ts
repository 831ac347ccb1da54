import { randomInt } from 'node:crypto';
import { hashToken } from '../../crypto/tokens.ts';
import { MINUTE } from '../../runtime/clock.ts';
import type * as sql from '../../sql/index.ts';
import type { ExpiringTable, Generated, SqlFragment } from '../../sql/index.ts';
import type { Counters, Demand, Reservation, Taken } from './counters.ts';
import { type Change, type Count, isBackoff, judge } from './judge.ts';

export type CounterTables = {
  counters: {
    key_hash: Uint8Array;
    count: number;
    /** When it is forgotten. */
    expires_at: number;
    /** Until when a back-off lets no more in. */
    blocked_until: Generated<number>;
  };
};

export const expiringCounters: ExpiringTable<CounterTables> = {
  table: 'counters',
  key: 'key_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<CounterTables>;
type Database = sql.Database<CounterTables>;

/**
 * Counters in the database: slower than Redis, and always there. What was counted last may be lost with the power: nobody
 * outside makes it fail, and every attempt would have to wait for the disk.
 */
export function createDatabaseCounters(database: Database): Counters {
  return {
    reserve: async (demands, now) => {
      if (demands.length === 0) return { allowed: true, taken: [] };
      for (;;) {
        if (database.hasOneWriter) return await takeAllAlone(database, demands, now);
        await makeMissingRows(database, demands, now);
        try {
          return await takeAll(database, demands, now);
        } catch (error) {
          if (!(error instanceof Overtaken)) throw error;
        }
      }
    },
    giveBack: async (taken) => {
      if (taken.length === 0) return;
      await database.asyncCommit.transaction(async (transaction) => {
        for (const place of inOrder(taken)) await giveBackOne(transaction, place);
      });
    },
    clear: async (keys) => {
      if (keys.length === 0) return;
      await database.asyncCommit.queries
        .deleteFrom('counters')
        .where('key_hash', 'in', keys.map(hashToken))
        .execute();
    },
  };
}

/** All or none of the places, where nobody else changes a row meanwhile: what was read is still true when it is written. */
function takeAllAlone(database: Database, demands: readonly Demand[], now: number): Promise<Reservation> {
  return database.asyncCommit.transaction(async (transaction) => {
    const judgement = judge(await readCounts(transaction, demands, null), demands, now);
    if (!judgement.allowed) return judgement;
    const { changes } = judgement;
    const rows = changes.map(({ demand, next }) => ({
      key_hash: hashToken(demand.key),
      count: next.count,
      expires_at: next.until,
      blocked_until: next.blockedUntil,
    }));
    const hashes = rows.map(({ key_hash }) => key_hash);
    await transaction.deleteFrom('counters').where('key_hash', 'in', hashes).execute();
    await transaction.insertInto('counters').values(rows).execute();
    return { allowed: true, taken: changes.map(({ taken }) => taken) };
  });
}

// Before the transaction: two that make the same row inside theirs would wait for each other.
async function makeMissingRows(
  { queries, onConflictDoNothing }: Database,
  demands: readonly Demand[],
  now: number,
) {
  const found = await readCounts(queries, demands, null);
  const missing = demands.filter(({ key }) => !found.has(key));
  if (missing.length === 0) return;
  const rows = inOrder(missing).map(({ key }) => ({
    key_hash: hashToken(key),
    count: 0,
    expires_at: now + MINUTE,
    blocked_until: 0,
  }));
  await queries.insertInto('counters').values(rows).modifyEnd(onConflictDoNothing('key_hash')).execute();
}

/**
 * All or none of the places, in one transaction.
 * @throws {Overtaken}
 */
function takeAll(database: Database, demands: readonly Demand[], now: number): Promise<Reservation> {
  return database.transaction(async (transaction) => {
    const counts = await readCounts(transaction, demands, database.forUpdate);
    const judgement = judge(counts, demands, now);
    if (!judgement.allowed) return judgement;
    for (const change of judgement.changes) await apply(transaction, change, counts.get(change.demand.key));
    return { allowed: true, taken: judgement.changes.map(({ taken }) => taken) };
  });
}

/** Thrown when a row is not there any more as it was read: somebody was faster, so one must look again. */
class Overtaken extends Error {}

async function readCounts(
  queries: Queries,
  demands: readonly Demand[],
  ending: SqlFragment | null,
): Promise<ReadonlyMap<string, Count>> {
  const keys = new Map(demands.map(({ key }) => [hashToken(key).toString('hex'), key]));
  const select = queries
    .selectFrom('counters')
    .select(['key_hash', 'count', 'expires_at', 'blocked_until'])
    .where(
      'key_hash',
      'in',
      [...keys.keys()].map((key) => Buffer.from(key, 'hex')),
    )
    // Locked in one order by all, so that no two wait for each other.
    .orderBy('key_hash');
  const rows = await (ending === null ? select : select.modifyEnd(ending)).execute();
  return new Map(
    rows.flatMap(({ key_hash, count, expires_at, blocked_until }) => {
      const key = keys.get(Buffer.from(key_hash).toString('hex'));
      return key === undefined ? [] : [[key, { count, until: expires_at, blockedUntil: blocked_until }]];
    }),
  );
}

async function apply(transaction: Queries, { demand, next }: Change, seen: Count | undefined): Promise<void> {
  if (seen === undefined) throw new Overtaken();
  const { numUpdatedRows } = await transaction
    .updateTable('counters')
    .set({ count: next.count, expires_at: next.until, blocked_until: next.blockedUntil })
    .where('key_hash', '=', hashToken(demand.key))
    .where('count', '=', seen.count)
    .where('expires_at', '=', seen.until)
    .where('blocked_until', '=', seen.blockedUntil)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Overtaken();
}

async function giveBackOne(transaction: Queries, taken: Taken): Promise<void> {
  const { key, rule, until, blockedUntil, previouslyBlockedUntil } = taken;
  await transaction
    .updateTable('counters')
    .set((counter) => ({
      count: counter('count', '-', 1),
      blocked_until: counter
        .case()
        .when('blocked_until', '=', blockedUntil)
        .then(previouslyBlockedUntil)
        .else(counter.ref('blocked_until'))
        .end(),
    }))
    .where('key_hash', '=', hashToken(key))
    .where('count', '>', 0)
    // A window that has started anew holds no place of before; what a backoff remembers moves on with each one.
    .where('expires_at', isBackoff(rule) ? '>=' : '=', until)
    .execute();
}

function inOrder<Keyed extends { readonly key: string }>(list: readonly Keyed[]): readonly Keyed[] {
  return list.toSorted((one, other) => Buffer.compare(hashToken(one.key), hashToken(other.key)));
}

/** So many rows take turns that two at once seldom wait for each other. */
const ROWS = 64;
/** No counter is kept so long; retention leaves it alone. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/**
 * Writes something of no meaning, which costs what writing down an attempt on an account costs: where there is no such
 * account, the time that an answer takes must not tell (A02).
 */
export function createDecoyWrite({ asyncCommit, isUniqueViolation }: Database): () => Promise<void> {
  return async () => {
    const keyHash = hashToken(`nobody ${randomInt(ROWS)}`);
    const { numUpdatedRows } = await asyncCommit.queries
      .updateTable('counters')
      .set({ count: randomInt(1, 2 ** 31) })
      .where('key_hash', '=', keyHash)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return;
    try {
      const row = { key_hash: keyHash, count: 0, expires_at: FOR_EVER, blocked_until: 0 };
      await asyncCommit.queries.insertInto('counters').values(row).execute();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  };
}
