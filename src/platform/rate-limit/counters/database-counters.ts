import { randomInt } from 'node:crypto';
import { hashToken } from '../../crypto/index.ts';
import { MINUTE } from '../../runtime/index.ts';
import type * as sql from '../../sql/index.ts';
import type { ExpiringTable, Generated, SqlFragment } from '../../sql/index.ts';
import type { Counters, Demand, Permit, Reservation } from './counters.ts';
import { type Change, type Count, decide, isBackoff } from './rules.ts';

export type CounterTables = {
  counters: {
    key_hash: Uint8Array;
    count: number;
    /** When it is forgotten. */
    expires_at: number;
    /** Until when a back-off refuses. */
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
 * Counters in the database: slower than Redis, and always available. Counts use asynchronous commit: a power loss may lose
 * the last ones, and no attempt waits for the disk.
 */
export function createDatabaseCounters(database: Database): Counters {
  return {
    reserve: async (demands, now) => {
      if (demands.length === 0) return { ok: true, permits: [] };
      for (;;) {
        if (database.hasOneWriter) return await takeAllAsOneWriter(database, demands, now);
        await makeMissingRows(database, demands, now);
        try {
          return await takeAll(database, demands, now);
        } catch (error) {
          if (!(error instanceof Overtaken)) throw error;
        }
      }
    },
    giveBack: async (permits) => {
      if (permits.length === 0) return;
      await database.asyncCommit.transaction(async (transaction) => {
        for (const permit of inOrder(permits)) await giveBackOne(transaction, permit);
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

/** All or none of the permits, with one writer: no row changes between reading and writing. */
function takeAllAsOneWriter(
  database: Database,
  demands: readonly Demand[],
  now: number,
): Promise<Reservation> {
  return database.asyncCommit.transaction(async (transaction) => {
    const decision = decide(await readCounts(transaction, demands, null), demands, now);
    if (!decision.ok) return decision;
    const { changes } = decision;
    const rows = changes.map(({ demand, next }) => ({
      key_hash: hashToken(demand.key),
      count: next.count,
      expires_at: next.until,
      blocked_until: next.blockedUntil,
    }));
    const hashes = rows.map(({ key_hash }) => key_hash);
    await transaction.deleteFrom('counters').where('key_hash', 'in', hashes).execute();
    await transaction.insertInto('counters').values(rows).execute();
    return { ok: true, permits: changes.map(permitOf) };
  });
}

// Before the transaction: two transactions that insert the same row would wait for each other.
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
 * All or none of the permits, in one transaction.
 * @throws {Overtaken}
 */
function takeAll(database: Database, demands: readonly Demand[], now: number): Promise<Reservation> {
  return database.transaction(async (transaction) => {
    const counts = await readCounts(transaction, demands, database.forUpdate);
    const decision = decide(counts, demands, now);
    if (!decision.ok) return decision;
    for (const change of decision.changes) await apply(transaction, change, counts.get(change.demand.key));
    return { ok: true, permits: decision.changes.map(permitOf) };
  });
}

function permitOf({ permit }: Change): Permit {
  return { ...permit, store: 'database' };
}

/** Thrown when a row has changed since it was read, so that it has to be read again. */
class Overtaken extends Error {
  constructor() {
    super('a counter has changed since it was read');
    this.name = 'Overtaken';
  }
}

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
    // Every transaction locks in this order, so that no two wait for each other.
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

async function giveBackOne(transaction: Queries, permit: Permit): Promise<void> {
  const { key, rule, until, blockedUntil, previouslyBlockedUntil } = permit;
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
    // A window that was started again holds no earlier permit; the end of a back-off moves with each attempt.
    .where('expires_at', isBackoff(rule) ? '>=' : '=', until)
    .execute();
}

function inOrder<Keyed extends { readonly key: string }>(list: readonly Keyed[]): readonly Keyed[] {
  return list.toSorted((one, other) => Buffer.compare(hashToken(one.key), hashToken(other.key)));
}

/** Enough rows that two concurrent writes seldom wait for each other. */
const ROWS = 64;
/** Retention never deletes these rows. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/**
 * Timing decoy: writes a row of no meaning, which costs what recording an attempt on a known subject costs, so that the
 * response time does not reveal whether the subject exists (A02).
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
