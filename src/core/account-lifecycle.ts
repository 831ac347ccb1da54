import {
  cancelDeletion,
  deleteAccount,
  deleteDueAccount,
  disableAccount,
  dueAccounts,
  enableAccount,
  scheduleDeletion,
} from './accounts.ts';
import type { Database } from './database/database.ts';
import type { Queries } from './database/schema.ts';
import { deleteSessionsOf } from './sessions/store.ts';
import { deletePendingSignInsOf } from './sign-in-steps/store.ts';

/**
 * What takes an account's access away and gives it back. Whatever takes it away ends the sessions, too, and the sign-ins
 * that wait for a step; nothing brings an ended one back (A12).
 */
export type AccountLifecycle = ReturnType<typeof createAccountLifecycle>;

export function createAccountLifecycle(database: Database) {
  const { queries } = database;
  const endSessions = async (on: Queries, accountId: string) => {
    await deletePendingSignInsOf(on, accountId);
    return deleteSessionsOf(on, accountId, null);
  };
  /** Changes an account and ends its sessions, or, where the change is not to be made, neither. */
  const change = (accountId: string, statement: (transaction: Queries) => Promise<boolean>) =>
    database.transaction(async (transaction) => {
      const isChanged = await statement(transaction);
      // Also when an account is enabled or kept: a session that began while it was being closed was refused until
      // now, and must not come to life.
      if (isChanged) await endSessions(transaction, accountId);
      return isChanged;
    });

  return {
    /** Lets nobody in any more, from the next request on; returns whether the account was enabled until now. */
    disable: (accountId: string, now: number): Promise<boolean> =>
      change(accountId, (transaction) => disableAccount(transaction, accountId, now)),

    /** Lets its owner sign in again; returns whether the account was disabled until now. */
    enable: (accountId: string): Promise<boolean> =>
      change(accountId, (transaction) => enableAccount(transaction, accountId)),

    /** Ends every session of an account; returns how many there were. @param on perhaps a transaction that it is part of */
    signOut: (accountId: string, on: Queries = queries): Promise<number> => endSessions(on, accountId),

    /**
     * Ends every session and has the account deleted at `deleteAt`, unless its owner signs in before.
     * @returns false where it is to be deleted already, at the time that was set first
     */
    requestDeletion: (accountId: string, deleteAt: number): Promise<boolean> =>
      change(accountId, (transaction) => scheduleDeletion(transaction, accountId, deleteAt)),

    /** Keeps an account whose time has not come; returns whether it was to be deleted, and may be used now. */
    cancelDeletion: (accountId: string, now: number): Promise<boolean> =>
      change(accountId, (transaction) => cancelDeletion(transaction, accountId, now)),

    /** Deletes an account and everything that is kept of it; returns whether this call did it. */
    delete: (accountId: string): Promise<boolean> => deleteAccount(queries, accountId),

    /** Deletes an account if its time has come at this very moment; returns whether this call did it. */
    deleteIfDue: (accountId: string, now: number): Promise<boolean> =>
      deleteDueAccount(queries, accountId, now),

    /**
     * Deletes accounts whose time has come, at most so many, and each by itself, so that nobody waits long.
     * @param onDeleted told of each of them
     * @returns how many they were
     */
    deleteDue: async (now: number, most: number, onDeleted: (accountId: string) => void): Promise<number> => {
      let deleted = 0;
      for (const accountId of await dueAccounts(queries, now, most)) {
        if (!(await deleteDueAccount(queries, accountId, now))) continue;
        onDeleted(accountId);
        deleted += 1;
      }
      return deleted;
    },
  };
}
