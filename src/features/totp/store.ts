import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import { bytesToId, type Id, idToBytes } from '../../platform/text/index.ts';

export type TotpTables = {
  totp_secrets: {
    /** The row of `second_factors`. */
    factor_id: Uint8Array;
    /** An account has one. */
    account_id: Uint8Array;
    /** The secret, sealed for its factor. */
    sealed: Uint8Array;
    /** The last time step whose code was used; no code of it or of an earlier one works. */
    last_step: number;
    /** Wrong codes in a row. */
    consecutive_failures: number;
  };
};

type Queries = sql.Queries<AuthTables & TotpTables>;

export const totpStep: sql.Migration = {
  number: 8,
  name: 'secrets of authenticator apps',
  oldNodes: 'stop first',
  up: ({ schema }, columns) =>
    schema
      .createTable('totp_secrets')
      .ifNotExists()
      .addColumn('factor_id', columns.id, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('sealed', columns.bytes, (column) => column.notNull())
      .addColumn('last_step', columns.sequence, (column) => column.notNull())
      .addColumn('consecutive_failures', columns.number, (column) => column.notNull())
      .addUniqueConstraint('totp_secrets_account_id', ['account_id'])
      .addForeignKeyConstraint('totp_secrets_factor', ['factor_id'], 'second_factors', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .addForeignKeyConstraint('totp_secrets_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .execute(),
  indexes: [],
};

export type StoredSecret = {
  readonly factorId: Id;
  readonly sealed: Uint8Array;
  readonly lastStep: number;
  readonly failures: number;
};

export function secretOf(queries: Queries, accountId: AccountId): Promise<StoredSecret | null> {
  return findSecret(queries, 'account_id', idToBytes(accountId));
}

export function secretOfFactor(queries: Queries, factorId: Id): Promise<StoredSecret | null> {
  return findSecret(queries, 'factor_id', idToBytes(factorId));
}

async function findSecret(
  queries: Queries,
  column: 'account_id' | 'factor_id',
  id: Uint8Array,
): Promise<StoredSecret | null> {
  const row = await queries
    .selectFrom('totp_secrets')
    .select(['factor_id', 'sealed', 'last_step', 'consecutive_failures'])
    .where(column, '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { factor_id, sealed, last_step: lastStep, consecutive_failures: failures } = row;
  return { factorId: bytesToId(factor_id), sealed, lastStep, failures };
}

/** @param secret the step of the code that set it up counts as used @throws an error of the database where the account has one */
export async function insertSecret(
  transaction: Queries,
  accountId: AccountId,
  {
    factorId,
    sealed,
    lastStep,
    failures = 0,
  }: Omit<StoredSecret, 'failures'> & { readonly failures?: number },
): Promise<void> {
  await transaction
    .insertInto('totp_secrets')
    .values({
      factor_id: idToBytes(factorId),
      account_id: idToBytes(accountId),
      sealed,
      last_step: lastStep,
      consecutive_failures: failures,
    })
    .execute();
}

/** Counts an attempt as failed before it is made; false where as many have failed in a row as may. */
export async function reserveFailure(queries: Queries, factorId: Id, most: number): Promise<boolean> {
  const result = await queries
    .updateTable('totp_secrets')
    .set(({ eb }) => ({ consecutive_failures: eb('consecutive_failures', '+', 1) }))
    .where('factor_id', '=', idToBytes(factorId))
    .where('consecutive_failures', '<', most)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Makes a time step used. Of several requests with its code the row count lets one through, and none with that of an earlier
 * step (A35). The secret is sealed again, so that it gets the newest key.
 */
export async function spendStep(
  queries: Queries,
  factorId: Id,
  { step, sealed }: { readonly step: number; readonly sealed: Uint8Array },
): Promise<boolean> {
  const result = await queries
    .updateTable('totp_secrets')
    .set({ last_step: step, consecutive_failures: 0, sealed })
    .where('factor_id', '=', idToBytes(factorId))
    .where('last_step', '<', step)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
