import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { hashToken } from '../../platform/crypto/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import type * as sql from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';

export type CodeListTables = {
  listed_codes: {
    code_hash: Uint8Array;
    account_id: Uint8Array;
    created_at: number;
  };
};

type Database = sql.Database<AuthTables & CodeListTables>;
type Queries = sql.Queries<AuthTables & CodeListTables>;

export const codeListMigration: sql.Migration = {
  // Tests add this feature to a copy of the source, so it has a number that no other takes; a real one has the next.
  number: 900,
  name: 'code-list',
  oldNodes: 'compatible',
  up: async ({ schema }, columns) => {
    await schema
      .createTable('listed_codes')
      .ifNotExists()
      .addColumn('code_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addForeignKeyConstraint('listed_codes_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .execute();
  },
  indexes: [{ name: 'listed_codes_account', table: 'listed_codes', column: 'account_id' }],
};

// The account is part of what is hashed, so that equal codes of two accounts are two rows.
const hashOf = (accountId: AccountId, code: string) => hashToken(`${accountId} ${code}`);

/** Replaces the list of an account; an empty list removes it. */
export async function replaceCodes(
  queries: Queries,
  accountId: AccountId,
  { codes, now }: { readonly codes: readonly string[]; readonly now: number },
): Promise<void> {
  const account_id = idToBytes(accountId);
  await queries.deleteFrom('listed_codes').where('account_id', '=', account_id).execute();
  const rows = codes.map((code) => ({ code_hash: hashOf(accountId, code), account_id, created_at: now }));
  if (rows.length > 0) await queries.insertInto('listed_codes').values(rows).execute();
}

/** Spends a code. Of several requests with the same code, the row count lets one through. */
export async function spendCode(queries: Queries, accountId: AccountId, code: string): Promise<boolean> {
  const result = await queries
    .deleteFrom('listed_codes')
    .where('code_hash', '=', hashOf(accountId, code))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

export async function countCodes(queries: Queries, accountId: AccountId): Promise<number> {
  const row = await queries
    .selectFrom('listed_codes')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** What the export contains of it. */
export function personalData({ queries }: Database): PersonalData {
  return {
    name: 'codesForSigningIn',
    table: 'listed_codes',
    leftOut: { code_hash: 'it is a hash of a code' },
    read: async (accountId) => {
      const rows = await queries
        .selectFrom('listed_codes')
        .select('created_at')
        .where('account_id', '=', idToBytes(accountId))
        .execute();
      return rows.map((row) => ({ createdAt: isoTime(row.created_at) }));
    },
  };
}
