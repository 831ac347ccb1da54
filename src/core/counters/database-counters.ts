import { atMost } from '../database/at-most.ts';
import type { Database } from '../database/database.ts';
import { hashToken } from '../tokens.ts';
import type { CounterLimit, Counters, Reservation } from './counters.ts';

type Row = { readonly count: number; readonly expires_at: number };

/** Counters in the database: slower than Redis, and always there. */
export function createDatabaseCounters(database: Database) {
  const { queries } = database;
  const counters: Counters = {
    reserve: async (key, limit, now) => {
      const keyHash = hashToken(key);
      // Each step is one conditional statement. Whoever finds nothing to change was overtaken, and looks again.
      for (;;) {
        if (await countOneMore(database, keyHash, limit, now))
          return reservation(await find(database, keyHash), limit);
        if (await startAnew(database, keyHash, limit, now))
          return { allowed: true, remaining: limit.most - 1 };
        const row = await find(database, keyHash);
        if (row !== undefined && row.expires_at > now && row.count >= limit.most)
          return { allowed: false, retryAt: row.expires_at };
      }
    },
    clear: async (key) => {
      await queries.deleteFrom('counters').where('key_hash', '=', hashToken(key)).execute();
    },
  };
  return {
    ...counters,
    /** Deletes at most so many counters that start anew anyway; returns how many. */
    deleteExpired: async (now: number, most: number): Promise<number> => {
      const expired = await queries
        .selectFrom('counters')
        .select('key_hash')
        .where('expires_at', '<=', now)
        .orderBy('expires_at')
        .limit(atMost(most))
        .execute();
      if (expired.length === 0) return 0;
      await queries
        .deleteFrom('counters')
        .where(
          'key_hash',
          'in',
          expired.map(({ key_hash }) => key_hash),
        )
        // One that has started anew meanwhile counts.
        .where('expires_at', '<=', now)
        .execute();
      return expired.length;
    },
  };
}

async function countOneMore({ queries }: Database, keyHash: Uint8Array, { most }: CounterLimit, now: number) {
  const { numUpdatedRows } = await queries
    .updateTable('counters')
    .set((counter) => ({ count: counter('count', '+', 1) }))
    .where('key_hash', '=', keyHash)
    .where('expires_at', '>', now)
    .where('count', '<', most)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

async function startAnew(
  { queries, isUniqueViolation }: Database,
  keyHash: Uint8Array,
  { window }: CounterLimit,
  now: number,
): Promise<boolean> {
  const fresh = { count: 1, expires_at: now + window };
  const { numUpdatedRows } = await queries
    .updateTable('counters')
    .set(fresh)
    .where('key_hash', '=', keyHash)
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return true;
  try {
    await queries
      .insertInto('counters')
      .values({ key_hash: keyHash, ...fresh })
      .execute();
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

function find({ queries }: Database, keyHash: Uint8Array): Promise<Row | undefined> {
  return queries
    .selectFrom('counters')
    .select(['count', 'expires_at'])
    .where('key_hash', '=', keyHash)
    .executeTakeFirst();
}

// How many are left is told as it stands now; that this one is among those counted was decided before.
function reservation(row: Row | undefined, { most }: CounterLimit): Reservation {
  return { allowed: true, remaining: row === undefined ? 0 : Math.max(0, most - row.count) };
}
