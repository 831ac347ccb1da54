import { type AccountId, accountIds } from '../../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../../auth/schema.ts';
import type * as sql from '../../../platform/sql/index.ts';
import { idToBytes } from '../../../platform/text/index.ts';

export type FactorDeadlineTables = {
  /** The accounts that the policy for second factors has asked for one. */
  factor_deadlines: {
    account_id: Uint8Array;
    /** When the grace period began. */
    begun_at: number;
    /** When its owner was reminded that it ends soon. */
    reminded_at: number | null;
  };
};

type Queries = sql.Queries<AuthTables & FactorDeadlineTables>;

export const factorDeadlinesStep: sql.Migration = {
  number: 13,
  name: 'grace periods of second factors',
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('factor_deadlines')
      .ifNotExists()
      .addColumn('account_id', columns.id, (column) => column.primaryKey())
      .addColumn('begun_at', columns.time, (column) => column.notNull())
      .addColumn('reminded_at', columns.time)
      .addForeignKeyConstraint('factor_deadlines_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [{ name: 'factor_deadlines_begun_at', table: 'factor_deadlines', column: 'begun_at' }],
};

/** Times are milliseconds of UTC. */
export type FactorDeadline = { readonly begunAt: number; readonly remindedAt: number | null };

/** When the grace period of an account began; null where it has not. */
export async function deadlineOf(queries: Queries, accountId: AccountId): Promise<FactorDeadline | null> {
  const row = await queries
    .selectFrom('factor_deadlines')
    .select(['begun_at', 'reminded_at'])
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return row === undefined ? null : { begunAt: row.begun_at, remindedAt: row.reminded_at };
}

/** @throws an error of the database where it has begun already: of several requests at once, one begins it */
export async function insertDeadline(transaction: Queries, accountId: AccountId, now: number): Promise<void> {
  await transaction
    .insertInto('factor_deadlines')
    .values({ account_id: idToBytes(accountId), begun_at: now, reminded_at: null })
    .execute();
}

/** The accounts whose period began between two moments and whose owners were not reminded, at most `max`. */
export async function dueForReminder(
  queries: Queries,
  { after, upTo, max }: { readonly after: number; readonly upTo: number; readonly max: number },
): Promise<readonly AccountId[]> {
  const rows = await queries
    .selectFrom('factor_deadlines')
    .select('account_id')
    .where('begun_at', '>', after)
    .where('begun_at', '<=', upTo)
    .where('reminded_at', 'is', null)
    .orderBy('begun_at')
    .limit(max)
    .execute();
  return rows.map(({ account_id }) => accountIds.fromBytes(account_id));
}

/** Notes that the owner is reminded, once; of several calls at once, one returns true. */
export async function noteReminder(
  transaction: Queries,
  accountId: AccountId,
  now: number,
): Promise<boolean> {
  const result = await transaction
    .updateTable('factor_deadlines')
    .set({ reminded_at: now })
    .where('account_id', '=', idToBytes(accountId))
    .where('reminded_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes up to `max` periods, for a policy that has ended; returns how many. */
export async function deleteDeadlines(queries: Queries, max: number): Promise<number> {
  const rows = await queries.selectFrom('factor_deadlines').select('account_id').limit(max).execute();
  if (rows.length === 0) return 0;
  const ids = rows.map(({ account_id }) => account_id);
  const result = await queries
    .deleteFrom('factor_deadlines')
    .where('account_id', 'in', ids)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
