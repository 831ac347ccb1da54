import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import { bytesToId, type Id, idToBytes } from '../../platform/text/index.ts';
import { hashCode } from './codes.ts';

export type RecoveryCodeTables = {
  recovery_codes: {
    code_hash: Uint8Array;
    /** The row of `second_factors` that the list is. */
    factor_id: Uint8Array;
    account_id: Uint8Array;
    used_at: number | null;
  };
};

type Queries = sql.Queries<AuthTables & RecoveryCodeTables>;

export const recoveryCodesStep: sql.Migration = {
  number: 9,
  name: 'recovery codes',
  oldNodes: 'stop first',
  up: ({ schema }, columns) =>
    schema
      .createTable('recovery_codes')
      .ifNotExists()
      .addColumn('code_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('factor_id', columns.id, (column) => column.notNull())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('used_at', columns.time)
      .addForeignKeyConstraint('recovery_codes_factor', ['factor_id'], 'second_factors', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('recovery_codes_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [
    { name: 'recovery_codes_factor_id', table: 'recovery_codes', column: 'factor_id' },
    { name: 'recovery_codes_account_id', table: 'recovery_codes', column: 'account_id' },
  ],
};

type List = { readonly listId: Id; readonly accountId: AccountId };
type HashedCode = { readonly hash: Uint8Array; readonly usedAt: number | null };

export function insertCodes(transaction: Queries, list: List, codes: readonly string[]): Promise<void> {
  const hashed = codes.map((code) => ({ hash: hashCode(list.listId, code), usedAt: null }));
  return insertHashedCodes(transaction, list, hashed);
}

export async function insertHashedCodes(
  transaction: Queries,
  { listId, accountId }: List,
  codes: readonly HashedCode[],
): Promise<void> {
  const rows = codes.map(({ hash, usedAt }) => ({
    code_hash: hash,
    factor_id: idToBytes(listId),
    account_id: idToBytes(accountId),
    used_at: usedAt,
  }));
  await transaction.insertInto('recovery_codes').values(rows).execute();
}

/** Spends a code; of several requests with the same one, the row count lets one through (A40). */
export async function spendCode(
  queries: Queries,
  { listId, accountId }: List,
  { typed, now }: { readonly typed: string; readonly now: number },
): Promise<boolean> {
  const result = await queries
    .updateTable('recovery_codes')
    .set({ used_at: now })
    .where('code_hash', '=', hashCode(listId, typed))
    .where('account_id', '=', idToBytes(accountId))
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The codes of an account, without their hashes. */
export async function codesOf(queries: Queries, accountId: AccountId) {
  const rows = await queries
    .selectFrom('recovery_codes')
    .select(['factor_id', 'used_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('used_at')
    .orderBy('code_hash')
    .execute();
  return rows.map(({ factor_id, used_at: usedAt }) => ({ listId: bytesToId(factor_id), usedAt }));
}

/** The codes of a list, for the case that it is removed. */
export async function hashedCodesOf(queries: Queries, listId: Id): Promise<readonly HashedCode[]> {
  const rows = await queries
    .selectFrom('recovery_codes')
    .select(['code_hash', 'used_at'])
    .where('factor_id', '=', idToBytes(listId))
    .execute();
  return rows.map(({ code_hash: hash, used_at: usedAt }) => ({ hash, usedAt }));
}
