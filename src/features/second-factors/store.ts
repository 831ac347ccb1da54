import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import { DAY } from '../../platform/runtime/index.ts';
import type * as sql from '../../platform/sql/index.ts';
import { bytesToId, type Id, idToBytes, newId } from '../../platform/text/index.ts';

export type SecondFactorTables = {
  /** One row for each second factor of an account. What proves it is in a table of its feature, which refers to this row. */
  second_factors: {
    id: Uint8Array;
    account_id: Uint8Array;
    /** As in the slot `secondFactors`. */
    kind: string;
    added_at: number;
    last_used_at: number | null;
    /** When its owner was last notified of wrong attempts. */
    reported_at: number | null;
    /** The latest version of the password that was proven together with a factor; null where none was. */
    password_version: number | null;
    /** When it was added without its user, whose sign-ins are not asked for it; null for one that they are asked for. */
    unasked_since: number | null;
  };
};

export const KIND_BYTES = 32;

export const secondFactorsStep: sql.Migration = {
  number: 7,
  name: 'second factors',
  // A node of the version before would ask for no second factor.
  oldNodes: 'stop first',
  up: ({ schema }, columns) =>
    schema
      .createTable('second_factors')
      .ifNotExists()
      .addColumn('id', columns.id, (column) => column.primaryKey())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('kind', columns.key(KIND_BYTES), (column) => column.notNull())
      .addColumn('added_at', columns.time, (column) => column.notNull())
      .addColumn('last_used_at', columns.time)
      .addColumn('reported_at', columns.time)
      .addForeignKeyConstraint('second_factors_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [{ name: 'second_factors_account', table: 'second_factors', column: 'account_id' }],
};

/** Null for factors of before, whose passwords count again once they are given together with the factor. */
export const passwordVersionsStep: sql.Migration = {
  number: 15,
  name: 'passwords that were proven with second factors',
  oldNodes: 'compatible',
  up: async ({ schema }, columns, hasColumn) => {
    if (!(await hasColumn('second_factors', 'password_version')))
      await schema.alterTable('second_factors').addColumn('password_version', columns.time).execute();
  },
  indexes: [],
};

/** A node of before asks for what this one does not, so it is the stricter one. */
export const unaskedFactorsStep: sql.Migration = {
  number: 16,
  name: 'second factors that are not asked for',
  oldNodes: 'compatible',
  up: async ({ schema }, columns, hasColumn) => {
    for (const table of ['second_factors', 'removed_factors'])
      if (!(await hasColumn(table, 'unasked_since')))
        await schema.alterTable(table).addColumn('unasked_since', columns.time).execute();
  },
  indexes: [],
};

type Queries = sql.Queries<AuthTables & SecondFactorTables>;

export type StoredFactor = {
  readonly id: Id;
  readonly kind: string;
  /** Times are milliseconds of UTC. */
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
  readonly reportedAt: number | null;
  /** When it was added without its user, whose sign-ins are not asked for it; null for one that they are asked for. */
  readonly unaskedSince: number | null;
};

/** The second factors of an account, the first one first. */
export async function factorRowsOf(queries: Queries, accountId: AccountId): Promise<readonly StoredFactor[]> {
  const rows = await queries
    .selectFrom('second_factors')
    .select(['id', 'kind', 'added_at', 'last_used_at', 'reported_at', 'unasked_since'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('added_at')
    .orderBy('kind')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: bytesToId(row.id),
    kind: row.kind,
    addedAt: row.added_at,
    lastUsedAt: row.last_used_at,
    reportedAt: row.reported_at,
    unaskedSince: row.unasked_since,
  }));
}

/**
 * Adds a factor; its feature adds what proves it in the same transaction.
 * @param factor `isUnasked`: it is added without its user, and signs in by itself alone
 */
export async function insertFactor(
  transaction: Queries,
  accountId: AccountId,
  { kind, now, isUnasked = false }: NewFactor,
): Promise<Id> {
  const id = newId(now);
  const unaskedSince = isUnasked ? now : null;
  await reinsertFactor(transaction, accountId, { id, kind, addedAt: now, lastUsedAt: null, unaskedSince });
  return id;
}

type NewFactor = { readonly kind: string; readonly now: number; readonly isUnasked?: boolean };

/**
 * Has sign-ins asked for the factors of a kind that they were not asked for, as if these were added at this time. The account
 * must be locked.
 * @returns whether there was one
 */
export async function askForFactors(
  transaction: Queries,
  accountId: AccountId,
  { kind, now }: NewFactor,
): Promise<boolean> {
  const result = await transaction
    .updateTable('second_factors')
    .set({ unasked_since: null, added_at: now })
    .where('account_id', '=', idToBytes(accountId))
    .where('kind', '=', kind)
    .where('unasked_since', 'is not', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Adds a factor again that was removed, as it was. */
export async function reinsertFactor(
  transaction: Queries,
  accountId: AccountId,
  { id, kind, addedAt, lastUsedAt, unaskedSince }: Omit<StoredFactor, 'reportedAt'>,
): Promise<void> {
  await transaction
    .insertInto('second_factors')
    .values({
      id: idToBytes(id),
      account_id: idToBytes(accountId),
      kind,
      added_at: addedAt,
      last_used_at: lastUsedAt,
      reported_at: null,
      unasked_since: unaskedSince,
    })
    .execute();
}

/** Deletes factors of an account for good, with what proves them. */
export async function deleteFactors(
  transaction: Queries,
  accountId: AccountId,
  ids: readonly Id[],
): Promise<void> {
  if (ids.length === 0) return;
  await transaction
    .deleteFrom('second_factors')
    .where('account_id', '=', idToBytes(accountId))
    .where('id', 'in', ids.map(idToBytes))
    .execute();
}

/** Deletes all factors of an account for good; says how many they were. */
export async function deleteAllFactors(transaction: Queries, accountId: AccountId): Promise<number> {
  const result = await transaction
    .deleteFrom('second_factors')
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

export async function noteUse(queries: Queries, id: Id, now: number): Promise<void> {
  await queries
    .updateTable('second_factors')
    .set({ last_used_at: now })
    .where('id', '=', idToBytes(id))
    .execute();
}

/** Notes that a password of this version, and each one before it, was proven together with a second factor of its account. */
export async function notePassword(queries: Queries, accountId: AccountId, version: number): Promise<void> {
  await queries
    .updateTable('second_factors')
    .set({ password_version: version })
    .where('account_id', '=', idToBytes(accountId))
    .execute();
}

/** The latest version that was noted so; null where none was. */
export async function notedPasswordOf(queries: Queries, accountId: AccountId): Promise<number | null> {
  const row = await queries
    .selectFrom('second_factors')
    .select('password_version')
    .where('account_id', '=', idToBytes(accountId))
    .where('password_version', 'is not', null)
    .orderBy('password_version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.password_version ?? null;
}

/** Notes that the owner is notified of wrong attempts, once a day; of several requests at once, one returns true. */
export async function noteReport(transaction: Queries, accountId: AccountId, now: number): Promise<boolean> {
  const result = await transaction
    .updateTable('second_factors')
    .set({ reported_at: now })
    .where('account_id', '=', idToBytes(accountId))
    .where(({ or, eb }) => or([eb('reported_at', 'is', null), eb('reported_at', '<=', now - DAY)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
