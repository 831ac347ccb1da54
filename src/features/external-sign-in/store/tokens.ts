import { z } from 'zod';
import type { Core } from '../../../auth/core.ts';
import type { AuthTables } from '../../../auth/schema.ts';
import { openValue, sealValue } from '../../../platform/crypto/index.ts';
import { SECOND } from '../../../platform/runtime/index.ts';
import type * as sql from '../../../platform/sql/index.ts';
import { type Id, idToBytes } from '../../../platform/text/index.ts';

export type ExternalTokenTables = {
  external_tokens: {
    identity_id: Uint8Array;
    /** Sealed. */
    tokens: Uint8Array;
    /** When the access token expires; null if the provider does not say. */
    expires_at: number | null;
    /** Grows with each refresh, so that of parallel refreshes one is stored. */
    version: number;
    /** The end of a node's reservation for refreshing them. */
    refreshing_until: number | null;
    updated_at: number;
  };
};

type Queries = sql.Queries<AuthTables & ExternalTokenTables>;
type TokensRow = Omit<ExternalTokenTables['external_tokens'], 'identity_id'>;

/** The tokens that a provider has issued for a user. */
export const providerTokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** Milliseconds of UTC; null if the provider does not say. */
  expiresAt: z.number().nullable(),
  scopes: z.array(z.string()),
});

export type ProviderTokens = z.infer<typeof providerTokens>;

/** A token response. @see RFC 6749 §5.1 */
export type TokenResponse = {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly scope?: string | undefined;
};

/** @param requested the scopes that were requested, and granted if the response does not say otherwise */
export function tokensFrom(
  response: TokenResponse,
  requested: readonly string[],
  now: number,
): ProviderTokens {
  const { access_token, refresh_token = null, expires_in, scope } = response;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: expires_in === undefined ? null : now + expires_in * SECOND,
    scopes: scope === undefined ? [...requested] : scope.split(/[ ,]+/).filter((name) => name !== ''),
  };
}

/**
 * Replaces the tokens of an identity. If the provider issues no refresh token again, the earlier one is kept. The row of
 * the identity must be locked.
 */
export async function keepTokens(
  { providerSeal }: Pick<Core, 'providerSeal'>,
  transaction: Queries,
  identityId: Id,
  tokens: ProviderTokens,
  now: number,
): Promise<void> {
  const found = await findTokens(transaction, identityId);
  const before = found === undefined ? null : openTokens(providerSeal, identityId, found.tokens);
  const refreshToken = tokens.refreshToken ?? before?.refreshToken ?? null;
  const sealed = sealTokens(providerSeal, identityId, { ...tokens, refreshToken });
  if (sealed === null) return;
  const row = { tokens: sealed, expires_at: tokens.expiresAt, updated_at: now };
  if (found === undefined)
    await insertTokens(transaction, identityId, { ...row, version: 1, refreshing_until: null });
  else await replaceTokens(transaction, identityId, found.version, row);
}

/** @returns null if they are longer than the column */
export function sealTokens(
  seal: Core['providerSeal'],
  identityId: Id,
  tokens: ProviderTokens,
): Uint8Array | null {
  return sealValue(seal, tokens, `tokens ${identityId}`);
}

/** @returns null if none of the keys opens them */
export function openTokens(
  seal: Core['providerSeal'],
  identityId: Id,
  sealed: Uint8Array,
): ProviderTokens | null {
  return openValue(seal, providerTokens, sealed, `tokens ${identityId}`);
}

export function findTokens(queries: Queries, identityId: Id) {
  return queries
    .selectFrom('external_tokens')
    .select(['tokens', 'expires_at', 'version'])
    .where('identity_id', '=', idToBytes(identityId))
    .executeTakeFirst();
}

async function insertTokens(transaction: Queries, identityId: Id, row: TokensRow): Promise<void> {
  await transaction
    .insertInto('external_tokens')
    .values({ ...row, identity_id: idToBytes(identityId) })
    .execute();
}

/**
 * Reserves the refresh of tokens for this node, for a time; of parallel requests, one gets `true` (A15). Many providers
 * treat a refresh token that is used twice as stolen and revoke all tokens.
 */
export async function reserveRefresh(
  queries: Queries,
  identityId: Id,
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

/** Ends the reservation after a refresh that failed. */
export async function releaseRefresh(queries: Queries, identityId: Id, version: number): Promise<void> {
  await queries
    .updateTable('external_tokens')
    .set({ refreshing_until: null })
    .where('identity_id', '=', idToBytes(identityId))
    .where('version', '=', version)
    .execute();
}

/** Replaces the tokens of a version. @returns false if they were replaced meanwhile */
export async function replaceTokens(
  queries: Queries,
  identityId: Id,
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

/** Deletes the tokens of a version, which the provider no longer accepts. */
export async function deleteTokens(queries: Queries, identityId: Id, version: number): Promise<void> {
  await queries
    .deleteFrom('external_tokens')
    .where('identity_id', '=', idToBytes(identityId))
    .where('version', '=', version)
    .execute();
}
