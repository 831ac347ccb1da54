import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable } from '../../platform/sql/index.ts';
import { bytesToId, type Id, idToBytes } from '../../platform/text/index.ts';
import { KIND_BYTES, type StoredFactor } from './store.ts';

export type RemovedFactorTables = {
  /** Second factors that were removed lately, for the case that this is undone. None of them is asked for or accepted. */
  removed_factors: {
    /** The id that it had in `second_factors`. */
    id: Uint8Array;
    account_id: Uint8Array;
    kind: string;
    added_at: number;
    last_used_at: number | null;
    removed_at: number;
    expires_at: number;
    /** What proves it, sealed for this row. */
    saved: Uint8Array;
    /** As in `second_factors`. */
    unasked_since: number | null;
  };
};

export const removedFactorsStep: sql.Migration = {
  number: 11,
  name: 'removed second factors',
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('removed_factors')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('kind', columns.key(KIND_BYTES), (column) => column.notNull())
      .addColumn('added_at', columns.time, (column) => column.notNull())
      .addColumn('last_used_at', columns.time)
      .addColumn('removed_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addColumn('saved', columns.bytes, (column) => column.notNull())
      .addForeignKeyConstraint('removed_factors_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [
    { name: 'removed_factors_account_id', table: 'removed_factors', column: 'account_id' },
    { name: 'removed_factors_expires_at', table: 'removed_factors', column: 'expires_at' },
  ],
};

export const expiringRemovedFactors: ExpiringTable<RemovedFactorTables> = {
  table: 'removed_factors',
  key: 'id',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & RemovedFactorTables>;

/** Times are milliseconds of UTC. */
export type RemovedFactor = Omit<StoredFactor, 'reportedAt'> & {
  readonly removedAt: number;
  readonly expiresAt: number;
  readonly saved: Uint8Array;
};

export async function insertRemoved(
  transaction: Queries,
  accountId: AccountId,
  { id, kind, addedAt, lastUsedAt, removedAt, expiresAt, saved, unaskedSince }: RemovedFactor,
): Promise<void> {
  await transaction
    .insertInto('removed_factors')
    .values({
      id: idToBytes(id),
      account_id: idToBytes(accountId),
      kind,
      added_at: addedAt,
      last_used_at: lastUsedAt,
      removed_at: removedAt,
      expires_at: expiresAt,
      saved,
      unasked_since: unaskedSince,
    })
    .execute();
}

/** The removed factors of an account that are still kept, the one removed first first. */
export async function removedFactorsOf(
  queries: Queries,
  accountId: AccountId,
): Promise<readonly RemovedFactor[]> {
  const rows = await queries
    .selectFrom('removed_factors')
    .selectAll()
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('removed_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: bytesToId(row.id),
    kind: row.kind,
    addedAt: row.added_at,
    lastUsedAt: row.last_used_at,
    removedAt: row.removed_at,
    expiresAt: row.expires_at,
    saved: row.saved,
    unaskedSince: row.unasked_since,
  }));
}

export async function deleteRemoved(
  transaction: Queries,
  accountId: AccountId,
  ids: readonly Id[],
): Promise<void> {
  if (ids.length === 0) return;
  await transaction
    .deleteFrom('removed_factors')
    .where('account_id', '=', idToBytes(accountId))
    .where('id', 'in', ids.map(idToBytes))
    .execute();
}

export async function deleteAllRemoved(transaction: Queries, accountId: AccountId): Promise<void> {
  await transaction.deleteFrom('removed_factors').where('account_id', '=', idToBytes(accountId)).execute();
}
