import { z } from 'zod';
import { SECOND } from '../../../platform/runtime/clock.ts';

/** What a provider has given this site to call it with in somebody's name. */
export const providerTokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** Milliseconds of UTC; null where the provider does not say. */
  expiresAt: z.number().nullable(),
  scopes: z.array(z.string()),
});

export type ProviderTokens = z.infer<typeof providerTokens>;

/** What a provider answers where it gives tokens. @see RFC 6749 §5.1 */
export type TokenAnswer = {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly scope?: string | undefined;
};

/** @param asked the scopes that were asked for, which were given where the answer says nothing else */
export function tokensFrom(answer: TokenAnswer, asked: readonly string[], now: number): ProviderTokens {
  const { access_token, refresh_token = null, expires_in, scope } = answer;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: expires_in === undefined ? null : now + expires_in * SECOND,
    scopes: scope === undefined ? [...asked] : scope.split(/[ ,]+/).filter((name) => name !== ''),
  };
}
