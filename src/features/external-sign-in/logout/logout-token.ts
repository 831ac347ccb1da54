import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { MINUTE, SECOND } from '../../../platform/runtime/clock.ts';
import { hasDuplicates } from '../protocol/duplicate-claims.ts';
import { type Failure, failureFrom } from '../protocol/failure.ts';
import { PROVIDER_TIMEOUT, type ProviderClient } from '../protocol/provider-client.ts';

/** How old a logout token may be, in milliseconds: providers send it at once. */
const LOGOUT_TOKEN_AGE = 5 * MINUTE;
/** By how much the provider’s clock may differ, in milliseconds. */
const CLOCK_DIFFERENCE = 30 * SECOND;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** What a public key verifies; with a secret, whoever knows it could end everybody’s sessions. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const claimsSchema = z
  .object({
    iss: z.string(),
    jti: z.string().min(1).max(255),
    sub: z.string().min(1).max(255).optional(),
    sid: z.string().min(1).max(255).optional(),
    events: z.object({ [EVENT]: z.object({}) }),
    // With one, it would be an ID token in other clothes.
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/** What a provider says of somebody who has signed out there. */
export type LogoutToken = {
  readonly issuer: string;
  /** Names the token: it is taken once. */
  readonly id: string;
  /** Who has left; null where only the session is named. */
  readonly subject: string | null;
  /** Which session of theirs is over; null for all of them. */
  readonly sid: string | null;
};

export type ReadLogoutToken = (token: string, now: number) => Promise<LogoutToken | Failure>;

/**
 * Verifies the logout tokens of one provider. Its keys are asked for where a token names one that is not known, at most
 * twice a minute.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.6
 */
export function createReadLogoutToken(client: ProviderClient): ReadLogoutToken {
  let keys: { readonly of: string; readonly find: ReturnType<typeof createRemoteJWKSet> } | null = null;
  const keysAt = (address: string) => {
    if (keys?.of !== address) keys = { of: address, find: keySetAt(address, client) };
    return keys.find;
  };
  return async (token, now) => {
    try {
      const { issuer, jwks_uri: address } = (await client.configuration()).serverMetadata();
      if (address === undefined) return { reason: 'invalid', code: 'no-keys' };
      const { payload } = await jwtVerify(token, keysAt(address), {
        issuer,
        audience: client.provider.client.id,
        algorithms: ALGORITHMS,
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: LOGOUT_TOKEN_AGE / SECOND,
        clockTolerance: CLOCK_DIFFERENCE / SECOND,
        currentDate: new Date(now),
      });
      return hasDuplicates(token) ? { reason: 'invalid', code: 'duplicate-claims' } : tokenFrom(payload);
    } catch (error) {
      return error instanceof errors.JOSEError ? { reason: 'invalid', code: error.code } : failureFrom(error);
    }
  };
}

function keySetAt(address: string, client: ProviderClient) {
  const timeoutDuration = PROVIDER_TIMEOUT;
  return createRemoteJWKSet(new URL(address), {
    timeoutDuration,
    [customFetch]: (url, { method, headers, signal }) =>
      client.fetch(url, {
        method,
        signal,
        headers: Object.fromEntries(headers),
        body: undefined,
        redirect: 'manual',
      }),
  });
}

function tokenFrom(payload: JWTPayload): LogoutToken | Failure {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) return { reason: 'invalid', code: 'no-logout-token' };
  const { iss: issuer, jti: id, sub: subject = null, sid = null } = claims.data;
  return { issuer, id, subject, sid };
}
