import { idToBytes, newId } from '../text/index.ts';
import type * as sql from './database.ts';

export type LeaseTables = {
  leases: {
    /** The work that one node at a time does. */
    name: string;
    /** A random id of the node. */
    holder: Uint8Array;
    expires_at: number;
  };
};

type Database = sql.Database<LeaseTables>;

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
