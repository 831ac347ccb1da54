import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import type { AccountId } from '../identifiers/ids.ts';

export type TokenTables = {
  one_time_tokens: {
    token_hash: Uint8Array;
    /** What it is for, such as `invitation`. */
    purpose: string;
    /** Whose it is; null where it is about no account. */
    account_id: Uint8Array | null;
    /** What exactly it is about, as its purpose writes it. */
    data: string;
    issued_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
};

export const expiringTokens: ExpiringTable<TokenTables> = {
  table: 'one_time_tokens',
  key: 'token_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<TokenTables>;

export type TokenRow = TokenTables['one_time_tokens'];

export async function insertToken(queries: Queries, row: TokenRow): Promise<void> {
  await queries.insertInto('one_time_tokens').values(row).execute();
}

/** When the newest token of an account was made for one purpose; 0 without any. */
export async function newestIssue(
  transaction: Queries,
  purpose: string,
  accountId: Uint8Array | null,
): Promise<number> {
  const row = await transaction
    .selectFrom('one_time_tokens')
    .select(({ fn }) => fn.max('issued_at').as('newest'))
    .where('account_id', '=', accountId)
    .where('purpose', '=', purpose)
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
}

/** A token, perhaps an expired one. Rows never change, so what is read here is what will be spent. */
export function findToken(
  queries: Queries,
  purpose: string,
  tokenHash: Uint8Array,
): Promise<TokenRow | undefined> {
  return queries
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .executeTakeFirst();
}

// Of two requests that show one token at once, both may have read it; the database lets one of them delete it (A15).
export async function deleteToken(
  queries: Queries,
  purpose: string,
  tokenHash: Uint8Array,
  now: number,
): Promise<boolean> {
  const result = await queries
    .deleteFrom('one_time_tokens')
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Deletes the tokens of an account that are for these purposes; says how many they were. */
export async function deleteTokensOf(
  queries: Queries,
  purposes: readonly string[],
  accountId: AccountId,
): Promise<number> {
  const result = await queries
    .deleteFrom('one_time_tokens')
    .where('account_id', '=', idToBytes(accountId))
    .where('purpose', 'in', purposes)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Deletes the tokens of an account for one purpose beyond those that last longest. The row of the account must be locked. */
export async function deleteTokensBeyond(
  transaction: Queries,
  purpose: string,
  accountId: AccountId,
  most: number,
): Promise<void> {
  const tokens = await transaction
    .selectFrom('one_time_tokens')
    .select('token_hash')
    .where('account_id', '=', idToBytes(accountId))
    .where('purpose', '=', purpose)
    .orderBy('expires_at', 'desc')
    .orderBy('token_hash')
    .execute();
  const hashes = tokens.slice(most).map(({ token_hash }) => token_hash);
  if (hashes.length === 0) return;
  await transaction.deleteFrom('one_time_tokens').where('token_hash', 'in', hashes).execute();
}

/** Deletes the tokens of an account that were made for one purpose at that time or later. */
export async function deleteTokensSince(
  queries: Queries,
  purpose: string,
  accountId: AccountId,
  since: number,
): Promise<void> {
  await queries
    .deleteFrom('one_time_tokens')
    .where('account_id', '=', idToBytes(accountId))
    .where('purpose', '=', purpose)
    .where('issued_at', '>=', since)
    .execute();
}

/** Deletes the token whose hash lies in a range, both ends included; returns whether there was one. */
export async function deleteTokenBetween(
  queries: Queries,
  purpose: string,
  [first, last]: readonly [Uint8Array, Uint8Array],
): Promise<boolean> {
  const result = await queries
    .deleteFrom('one_time_tokens')
    .where('token_hash', '>=', first)
    .where('token_hash', '<=', last)
    .where('purpose', '=', purpose)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** The tokens for one purpose that may still be spent, the oldest first. Reads all rows, for the command line. */
export function tokensFor(queries: Queries, purpose: string, now: number): Promise<readonly TokenRow[]> {
  return queries
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .orderBy('issued_at')
    .orderBy('token_hash')
    .execute();
}

/** The tokens of an account for one purpose, expired ones among them, the oldest first. */
export function allTokensOf(
  queries: Queries,
  purpose: string,
  accountId: AccountId,
): Promise<readonly TokenRow[]> {
  return queries
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('account_id', '=', idToBytes(accountId))
    .where('purpose', '=', purpose)
    .orderBy('issued_at')
    .orderBy('token_hash')
    .execute();
}

export async function deleteTokens(queries: Queries, hashes: readonly Uint8Array[]): Promise<void> {
  if (hashes.length > 0)
    await queries.deleteFrom('one_time_tokens').where('token_hash', 'in', hashes).execute();
}

/** Every token of an account without its hash, for the export. */
export function everyTokenOf(queries: Queries, accountId: AccountId) {
  return queries
    .selectFrom('one_time_tokens')
    .select(['purpose', 'data', 'issued_at', 'expires_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('issued_at')
    .execute();
}
