import { hash } from 'node:crypto';
import type { createRemoteJWKSet, JWTPayload } from 'jose';
import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { hashToken } from '../../platform/crypto/index.ts';
import { limitAddress } from '../../platform/rate-limit/index.ts';
import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { NO_FORM, originOf, readForm } from '../../platform/web/index.ts';
import { hasDuplicates } from './client/duplicate-claims.ts';
import { type Failure, failureFrom } from './client/failure.ts';
import { PROVIDER_TIMEOUT, type ProviderClient } from './client/provider-client.ts';
import { events, limits } from './definitions.ts';
import {
  deleteUnboundLogin,
  findLoginsForLogoutToken,
  findSessionOfLogin,
} from './store/federated-logins.ts';

/** Plain OAuth 2 defines no logout. */
export function hasBackChannelLogout({ provider }: ProviderClient): boolean {
  return provider.protocol.kind === 'openid-connect';
}

/**
 * POST /oauth/:provider/backchannel-logout: the provider reports that a user has signed out there, and the user's sessions
 * that began with it end. No browser is involved: the logout token is signed and accepted once.
 * @see OpenID Connect Back-Channel Logout 1.0
 */
export function receiveLogout(core: Core, client: ProviderClient) {
  const read = createReadLogoutToken(client);
  return async (context: RequestContext): Promise<Response> => {
    const form = await readForm(context.request);
    const counted = limitAddress(limits['wrong-logout-tokens'], context);
    const received = await core.throttle({ context, counted, form: NO_FORM, subject: null }, async () => {
      const token = await read(form.text('logout_token'), core.clock());
      return { result: token, verdict: 'reason' in token ? 'failed' : 'succeeded' };
    });
    if (!received.ok) return core.answers.problem(429);
    const token = received.result;
    if ('reason' in token) {
      const { name: provider } = client.provider;
      core.announce(events.providerFailed, { provider, ...token }, originOf(context));
      return refusal(core);
    }
    return (await endOnce(core, client, context, token)) ? core.answers.json({}) : refusal(core);
  };
}

// RFC 6749 §5.2, as Back-Channel Logout 1.0 §2.8 requires.
function refusal({ answers }: Core): Response {
  return answers.json({ error: 'invalid_request' }, {}, 400);
}

function keyOf({ issuer, id }: LogoutToken): string {
  return hash('sha256', JSON.stringify([issuer, id]), 'base64url');
}

/** @returns false if the token was accepted before; one whose work failed may come again */
async function endOnce(
  core: Core,
  client: ProviderClient,
  context: RequestContext,
  token: LogoutToken,
): Promise<boolean> {
  const counted = [{ limit: limits['logout-tokens'], key: keyOf(token) }];
  const taken = await core.throttle({ context, counted, form: NO_FORM, subject: null }, async () => {
    await endSessions(core, client, context, token);
    return { result: null, verdict: 'counted' };
  });
  return taken.ok;
}

async function endSessions(
  { database, sessions, announce }: Core,
  { provider: { name: provider } }: ProviderClient,
  context: RequestContext,
  { issuer, subject, sid }: LogoutToken,
): Promise<void> {
  const left = { issuer, subject, sidHash: sid === null ? null : hashToken(sid) };
  for (const id of await findLoginsForLogoutToken(database.queries, left)) {
    // The database decides: either the login is withdrawn before a session is bound to it, and then none begins, or there
    // is a session, which ends.
    if (await deleteUnboundLogin(database.queries, id)) continue;
    const session = await findSessionOfLogin(database.queries, id);
    // The login is deleted with the session.
    if (session === null || !(await sessions.end(session.accountId, session.sessionId))) continue;
    announce(events.sessionEndedByProvider, { ...session, provider }, originOf(context));
  }
}

/** The maximum age of a logout token in milliseconds: providers send it at once. */
const MAX_TOKEN_AGE = 5 * MINUTE;
/** How far the provider's clock may differ, in milliseconds. */
const CLOCK_DIFFERENCE = 30 * SECOND;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Public-key algorithms only: with a shared secret, any holder of it could end every session. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const claimsSchema = z
  .object({
    iss: z.string(),
    jti: z.string().min(1).max(255),
    sub: z.string().min(1).max(255).optional(),
    sid: z.string().min(1).max(255).optional(),
    events: z.object({ [EVENT]: z.object({}) }),
    // A token with a nonce may be an ID token.
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/** A provider's report that a user has signed out. */
type LogoutToken = {
  readonly issuer: string;
  /** `jti`: the token is accepted once. */
  readonly id: string;
  /** Null if the token names a session only. */
  readonly subject: string | null;
  /** The session at the provider; null for every session of the user. */
  readonly sid: string | null;
};

type Jose = typeof import('jose');

type ReadLogoutToken = (token: string, now: number) => Promise<LogoutToken | Failure>;

/**
 * Verifies the logout tokens of one provider. Its keys are requested when a token names an unknown one, at most twice a
 * minute.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.6
 */
function createReadLogoutToken(client: ProviderClient): ReadLogoutToken {
  let keys: { readonly of: string; readonly find: ReturnType<typeof createRemoteJWKSet> } | null = null;
  const keysAt = (address: string, jose: Jose) => {
    if (keys?.of !== address) keys = { of: address, find: keySetAt(address, client, jose) };
    return keys.find;
  };
  return async (token, now) => {
    const jose = await import('jose');
    try {
      const { issuer, jwks_uri: address } = (await client.configuration()).serverMetadata();
      if (address === undefined) return { reason: 'invalid', code: 'no-keys' };
      const { payload } = await jose.jwtVerify(token, keysAt(address, jose), {
        issuer,
        audience: client.provider.client.id,
        algorithms: ALGORITHMS,
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: MAX_TOKEN_AGE / SECOND,
        clockTolerance: CLOCK_DIFFERENCE / SECOND,
        currentDate: new Date(now),
      });
      return hasDuplicates(token) ? { reason: 'invalid', code: 'duplicate-claims' } : tokenFrom(payload);
    } catch (error) {
      return error instanceof jose.errors.JOSEError
        ? { reason: 'invalid', code: error.code }
        : failureFrom(error);
    }
  };
}

function keySetAt(address: string, client: ProviderClient, jose: Jose) {
  const timeoutDuration = PROVIDER_TIMEOUT;
  return jose.createRemoteJWKSet(new URL(address), {
    timeoutDuration,
    [jose.customFetch]: (url, { method, headers, signal }) =>
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
