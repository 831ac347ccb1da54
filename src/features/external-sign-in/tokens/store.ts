import type { AuthTables } from '../../../auth/schema.ts';
import type * as sql from '../../../platform/sql/database.ts';
import { idToBytes } from '../../../platform/text/uuid.ts';

export type ExternalTokenTables = {
  external_tokens: {
    identity_id: Uint8Array;
    /** Sealed. */
    tokens: Uint8Array;
    /** When the access token runs out; null where the provider does not say. */
    expires_at: number | null;
    /** Grows with each refresh, so that of several at once one is kept. */
    version: number;
    /** Until when a node is at refreshing them. */
    refreshing_until: number | null;
    updated_at: number;
  };
};

type Queries = sql.Queries<AuthTables & ExternalTokenTables>;

export type TokensRow = Omit<ExternalTokenTables['external_tokens'], 'identity_id'>;

export function findTokens(queries: Queries, identityId: string) {
  return queries
    .selectFrom('external_tokens')
    .select(['tokens', 'expires_at', 'version'])
    .where('identity_id', '=', idToBytes(identityId))
    .executeTakeFirst();
}

export async function insertTokens(transaction: Queries, identityId: string, row: TokensRow): Promise<void> {
  await transaction
    .insertInto('external_tokens')
    .values({ ...row, identity_id: idToBytes(identityId) })
    .execute();
}

/**
 * Takes it upon this node to refresh tokens, until a moment; of all who do so at once, one is told that it may (A15). For
 * many providers a refresh token that is used twice has been stolen, and they void everything.
 */
export async function reserveRefresh(
  queries: Queries,
  identityId: string,
  { version, now, until }: { readonly version: number; readonly now: number; readonly until: number },
): Promise<boolean> {
  const result = await queries
    .updateTable('external_tokens')
    .set({ refreshing_until: until })
    .where('identity_id', '=', idToBytes(identityId))
    .where('version', '=', version)
    .where(({ or, eb }) => or([eb('refreshing_until', 'is', null), eb('refreshing_until', '<=', now)]))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Lets somebody else refresh, as it came to nothing here. */
export async function releaseRefresh(queries: Queries, identityId: string, version: number): Promise<void> {
  await queries
    .updateTable('external_tokens')
    .set({ refreshing_until: null })
    .where('identity_id', '=', idToBytes(identityId))
    .where('version', '=', version)
    .execute();
}

/** Puts tokens in the place of those of a version; returns false where they were replaced meanwhile. */
export async function replaceTokens(
  queries: Queries,
  identityId: string,
  version: number,
  { tokens, expires_at, updated_at }: Pick<TokensRow, 'tokens' | 'expires_at' | 'updated_at'>,
): Promise<boolean> {
  const result = await queries
    .updateTable('external_tokens')
    .set({ tokens, expires_at, updated_at, version: version + 1, refreshing_until: null })
    .where('identity_id', '=', idToBytes(identityId))
    .where('version', '=', version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Drops tokens of a version, which the provider no longer honours. */
export async function deleteTokens(queries: Queries, identityId: string, version: number): Promise<void> {
  await queries
    .deleteFrom('external_tokens')
    .where('identity_id', '=', idToBytes(identityId))
    .where('version', '=', version)
    .execute();
}
