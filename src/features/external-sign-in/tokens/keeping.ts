import type { Core } from '../../../auth/core.ts';
import type { Queries } from '../../../auth/schema.ts';
import { openValue, sealValue } from '../../../platform/crypto/sealing.ts';
import { type ProviderTokens, providerTokens } from './provider-tokens.ts';
import { findTokens, insertTokens, replaceTokens } from './store.ts';

/**
 * Keeps tokens of an identity in the place of those of before. Where a provider gives no refresh token again, the one that
 * it gave first stays. The row of the identity must be locked.
 */
export async function keepTokens(
  { providerSeal }: Pick<Core, 'providerSeal'>,
  transaction: Queries,
  identityId: string,
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

/** Null where they are longer than what is kept. */
export function sealTokens(
  seal: Core['providerSeal'],
  identityId: string,
  tokens: ProviderTokens,
): Uint8Array | null {
  return sealValue(seal, tokens, boundTo(identityId));
}

/** Null where none of our keys opens them. */
export function openTokens(
  seal: Core['providerSeal'],
  identityId: string,
  sealed: Uint8Array,
): ProviderTokens | null {
  return openValue(seal, providerTokens, sealed, boundTo(identityId));
}

function boundTo(identityId: string): string {
  return `tokens ${identityId}`;
}
