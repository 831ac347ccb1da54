import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable } from '../../platform/sql/index.ts';
import { type Id, idToBytes } from '../../platform/text/index.ts';
import { MOST_SCOPE_CHARACTERS } from './settings.ts';

export type ApiTokenTables = {
  api_tokens: {
    /** The SHA-256 of the token, which has full entropy. */
    token_hash: Uint8Array;
    /** Names the token to users and in the audit log. */
    id: Uint8Array;
    account_id: Uint8Array;
    /** What its user calls it, or the device that has it. */
    name: string;
    /** Separated by spaces; empty where the application defined none. */
    scopes: string;
    created_at: number;
    expires_at: number;
    /** Within some minutes; null until it is used. */
    last_used_at: number | null;
    /** The HMAC of all other columns but `last_used_at`, without which the row is refused. */
    seal: Uint8Array;
  };
};

export const LONGEST_NAME = 60;

export const apiTokensStep: sql.Migration = {
  number: 4,
  name: 'API tokens',
  oldNodes: 'compatible',
  up: ({ schema }, columns) =>
    schema
      .createTable('api_tokens')
      .ifNotExists()
      .addColumn('token_hash', columns.hash, (column) => column.primaryKey())
      .addColumn('id', columns.id, (column) => column.notNull().unique())
      .addColumn('account_id', columns.id, (column) => column.notNull())
      .addColumn('name', columns.text(LONGEST_NAME), (column) => column.notNull())
      .addColumn('scopes', columns.text(MOST_SCOPE_CHARACTERS), (column) => column.notNull())
      .addColumn('created_at', columns.time, (column) => column.notNull())
      .addColumn('expires_at', columns.time, (column) => column.notNull())
      .addColumn('last_used_at', columns.time)
      .addColumn('seal', columns.hash, (column) => column.notNull())
      .addForeignKeyConstraint('api_tokens_account', ['account_id'], 'accounts', ['id'], (key) =>
        key.onDelete('cascade'),
      )
      .modifyEnd(columns.clusteredByKey)
      .execute(),
  indexes: [
    { name: 'api_tokens_account', table: 'api_tokens', column: 'account_id', orderedBy: 'created_at' },
    { name: 'api_tokens_expires_at', table: 'api_tokens', column: 'expires_at' },
  ],
};

export const expiringApiTokens: ExpiringTable<ApiTokenTables> = {
  table: 'api_tokens',
  key: 'token_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & ApiTokenTables>;
type Database = sql.Database<AuthTables & ApiTokenTables>;

/** The columns that the seal covers, and the seal. */
export type SealedToken = Omit<ApiTokenTables['api_tokens'], 'last_used_at'>;

/** Prepares the look-up of a token by its hash, with its user. */
export function apiTokenLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  return lookUp(
    queries
      .selectFrom('api_tokens')
      .innerJoin('accounts', 'accounts.id', 'api_tokens.account_id')
      .select(['api_tokens.token_hash', 'api_tokens.id', 'api_tokens.account_id', 'api_tokens.name'])
      .select(['api_tokens.scopes', 'api_tokens.created_at', 'api_tokens.expires_at'])
      .select(['api_tokens.last_used_at', 'api_tokens.seal'])
      .select(['accounts.username', 'accounts.email', 'accounts.email_verified_at', 'accounts.disabled_at'])
      .select(['accounts.delete_at', 'accounts.created_at as account_created_at'])
      .where('api_tokens.token_hash', '=', placeholder)
      .compile(),
  );
}

export type FoundToken = NonNullable<Awaited<ReturnType<ReturnType<typeof apiTokenLookUp>>>>;

export async function insertApiToken(transaction: Queries, row: SealedToken): Promise<void> {
  await transaction
    .insertInto('api_tokens')
    .values({ ...row, last_used_at: null })
    .execute();
}

export type ApiTokenEntry = Omit<ApiTokenTables['api_tokens'], 'token_hash' | 'account_id' | 'seal'>;

/** The tokens of an account without hashes, expired ones among them, the newest first. */
export function apiTokensOf(queries: Queries, accountId: AccountId): Promise<readonly ApiTokenEntry[]> {
  return queries
    .selectFrom('api_tokens')
    .select(['id', 'name', 'scopes', 'created_at', 'expires_at', 'last_used_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Whose a token is; undefined where there is none. */
export async function accountOfApiToken(queries: Queries, id: Id): Promise<Uint8Array | undefined> {
  const row = await queries
    .selectFrom('api_tokens')
    .select('account_id')
    .where('id', '=', idToBytes(id))
    .executeTakeFirst();
  return row?.account_id;
}

/** Revokes a token of an account; of parallel requests, one gets `true`. */
export async function deleteApiToken(queries: Queries, accountId: AccountId, id: Id): Promise<boolean> {
  const result = await queries
    .deleteFrom('api_tokens')
    .where('id', '=', idToBytes(id))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Revokes the tokens of an account; returns how many there were. */
export async function deleteApiTokensOf(queries: Queries, accountId: AccountId): Promise<number> {
  const result = await queries
    .deleteFrom('api_tokens')
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Deletes a token that was found expired: a clock that steps back must not revive it (A59). */
export async function deleteExpiredApiToken(queries: Queries, tokenHash: Uint8Array): Promise<void> {
  await queries.deleteFrom('api_tokens').where('token_hash', '=', tokenHash).execute();
}

/** Records that a token was used, unless a later use is recorded; the row of a revoked one does not come back. */
export async function noteTokenUse(
  queries: Queries,
  { token_hash, seal }: Pick<SealedToken, 'token_hash' | 'seal'>,
  now: number,
): Promise<void> {
  await queries
    .updateTable('api_tokens')
    .set({ last_used_at: now, seal })
    .where('token_hash', '=', token_hash)
    .where(({ or, eb }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', now)]))
    .execute();
}
