import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import { limitTo } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';

export type FactorRecoveryTables = {
  /** Requests to remove the second factors of an account whose owner has lost them, one for each account. */
  factor_recoveries: {
    account_id: Uint8Array;
    /** The id of the one-time token that permits it; without that, the row means nothing. */
    token_id: string;
    requested_at: number;
    due_at: number;
    expires_at: number;
    /** When its owner is notified again. */
    next_notice_at: number;
  };
};

const TOKEN_ID_BYTES = 16;

export const factorRecoveriesStep: sql.Migration = {
  number: 12,
  name: 'recoveries without second factors',
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('factor_recoveries')
      .ifNotExists()
      .addColumn('account_id', columns.id, (column) => column.primaryKey())
      .addColumn('token_id', columns.key(TOKEN_ID_BYTES), (column) => column.notNull())
      .addColumn('requested_at', columns.time, (column) => column.notNull())
      .addColumn('due_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addColumn('next_notice_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('factor_recoveries_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [
    {
      name: 'factor_recoveries_next_notice_at',
      table: 'factor_recoveries',
      column: 'next_notice_at',
    },
  ],
};

type Queries = sql.Queries<AuthTables & FactorRecoveryTables>;

/** Times are milliseconds of UTC. */
export type StoredRecovery = {
  /** Of the one-time token that permits it. */
  readonly id: string;
  readonly requestedAt: number;
  readonly dueAt: number;
  readonly expiresAt: number;
  readonly nextNoticeAt: number;
};

export async function insertRecovery(
  transaction: Queries,
  accountId: AccountId,
  { id, requestedAt, dueAt, expiresAt, nextNoticeAt }: StoredRecovery,
): Promise<void> {
  await transaction
    .insertInto('factor_recoveries')
    .values({
      account_id: idToBytes(accountId),
      token_id: id,
      requested_at: requestedAt,
      due_at: dueAt,
      expires_at: expiresAt,
      next_notice_at: nextNoticeAt,
    })
    .execute();
}

/** What is stored for an account, whether or not it is still permitted. */
export async function storedRecoveryOf(
  queries: Queries,
  accountId: AccountId,
): Promise<StoredRecovery | null> {
  const row = await queries
    .selectFrom('factor_recoveries')
    .selectAll()
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.token_id,
    requestedAt: row.requested_at,
    dueAt: row.due_at,
    expiresAt: row.expires_at,
    nextNoticeAt: row.next_notice_at,
  };
}

export async function deleteRecovery(transaction: Queries, accountId: AccountId): Promise<void> {
  await transaction.deleteFrom('factor_recoveries').where('account_id', '=', idToBytes(accountId)).execute();
}

/** The accounts whose owners are to be notified by now, the longest overdue first. */
export async function accountsToRemind(
  queries: Queries,
  now: number,
  max: number,
): Promise<readonly AccountId[]> {
  const rows = await queries
    .selectFrom('factor_recoveries')
    .select('account_id')
    .where('next_notice_at', '<=', now)
    .orderBy('next_notice_at')
    .limit(limitTo(max))
    .execute();
  return rows.map(({ account_id }) => accountIds.fromBytes(account_id));
}

/** Sets when the owner is notified again; of several nodes at once, one returns true. */
export async function moveNotice(
  transaction: Queries,
  accountId: AccountId,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const result = await transaction
    .updateTable('factor_recoveries')
    .set({ next_notice_at: to })
    .where('account_id', '=', idToBytes(accountId))
    .where('next_notice_at', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
