import { type QueryExecutorProvider, sql } from 'kysely';
import { idToBytes, newId } from '../text/index.ts';
import type * as databases from './database.ts';

export type LeaseTables = {
  leases: {
    /** The work that one node at a time does. */
    name: string;
    /** A random id of the node. */
    holder: Uint8Array;
    expires_at: number;
  };
};

type Database = databases.Database<LeaseTables>;

/** Work that one node does for all nodes. */
export type Leases = {
  /**
   * Takes or keeps the lease on some work. Of several concurrent nodes the database lets one succeed; it may work until the
   * lease expires, and may renew it before.
   * @param duration milliseconds
   */
  readonly hold: (work: string, now: number, duration: number) => Promise<boolean>;
};

export function createLeases({ queries, isUniqueViolation }: Database, now: number): Leases {
  const holder = idToBytes(newId(now));
  const insert = async (name: string, expiresAt: number) => {
    try {
      await queries.insertInto('leases').values({ name, holder, expires_at: expiresAt }).execute();
      return true;
    } catch (error) {
      // Another node was the first to take it.
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  };
  return {
    hold: async (name, at, duration) => {
      const expiresAt = at + duration;
      const { numUpdatedRows } = await queries
        .updateTable('leases')
        .set({ holder, expires_at: expiresAt })
        .where('name', '=', name)
        .where((lease) => lease.or([lease('expires_at', '<=', at), lease('holder', '=', holder)]))
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return true;
      const row = await queries
        .selectFrom('leases')
        .select('name')
        .where('name', '=', name)
        .executeTakeFirst();
      return row === undefined ? insert(name, expiresAt) : false;
    },
  };
}

/** The row of a write whose only purpose is to show that writes succeed. */
const TRIAL = 'check that writes succeed';

/** Changes a row, to show that the server writes. */
export async function changeTrialRow(
  queries: QueryExecutorProvider,
  isUniqueViolation: (error: unknown) => boolean,
): Promise<void> {
  const now = Date.now();
  const update = sql`update ${sql.table('leases')} set expires_at = ${now} where name = ${TRIAL}`;
  if ((await update.execute(queries)).numAffectedRows !== 0n) return;
  try {
    await insertTrialRow(queries, 16, now);
  } catch (error) {
    // Another node was the first to insert it.
    if (!isUniqueViolation(error)) throw error;
  }
}

/** Enough that a disk on which a few changes still fit into pages in use counts as full. */
const TRIAL_BYTES = 65_536;

/** Stores a large row and deletes it, to show that there is space; its pages stay in the file, for the next rows. */
export async function storeTrialRow(transaction: QueryExecutorProvider): Promise<void> {
  await insertTrialRow(transaction, TRIAL_BYTES, 0);
  await sql`delete from ${sql.table('leases')} where name = ${TRIAL}`.execute(transaction);
}

async function insertTrialRow(queries: QueryExecutorProvider, bytes: number, now: number): Promise<void> {
  const row = sql`(${TRIAL}, ${Buffer.alloc(bytes)}, ${now})`;
  await sql`insert into ${sql.table('leases')} (name, holder, expires_at) values ${row}`.execute(queries);
}
