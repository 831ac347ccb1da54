import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import { type SessionId, sessionIds } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { type CreateRowSeals, hashToken, isToken, newToken } from '../../platform/crypto/index.ts';
import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import { flowOf, isHandle, type Repeatable } from '../../platform/web/index.ts';
import { cookies } from './definitions.ts';
import {
  deleteRequest,
  findRequest,
  insertRequest,
  type RequestRow,
} from './store/authorization-requests.ts';

const sealsOn = (rowSeals: CreateRowSeals) => rowSeals<RequestRow>('external_transactions');

const intents = z.enum(['sign-in', 'connect', 'confirm']);

/** The purpose of an authorization request: signing in, linking the provider, or fresh authentication. */
export type Intent = z.infer<typeof intents>;

/** How long a user may stay at the provider, in milliseconds. */
const REQUEST_LIFETIME = 10 * MINUTE;

export type NewAuthorizationRequest = {
  readonly provider: string;
  readonly intent: Intent;
  /** The session in which it was created, if the user was signed in. */
  readonly sessionId: SessionId | null;
  readonly next: string | null;
  /** The handle of the invitation with which it was created; the empty text without one. */
  readonly invitation: string;
};

/** An authorization request that was created in this browser and has just been consumed. */
export type AuthorizationRequest = NewAuthorizationRequest & {
  readonly keys: ProofKeys;
  /** Milliseconds of UTC. */
  readonly createdAt: number;
};

/** The secrets that bind a response to the browser: PKCE's verifier and the nonce of the ID token. */
export type ProofKeys = { readonly codeVerifier: string; readonly nonce: string };

/**
 * Both are derived from the token in the browser's cookie and stored nowhere: a reader of the database cannot redeem a
 * code, and a code of one browser is useless in another (A23).
 * @see RFC 7636 §4.1
 */
function proofKeysFrom(browserToken: string): ProofKeys {
  return {
    codeVerifier: hash('sha256', `code verifier ${browserToken}`, 'base64url'),
    nonce: hash('sha256', `nonce ${browserToken}`, 'base64url'),
  };
}

/**
 * Creates an authorization request: a row, and a cookie of its own that binds it to this browser, so that the requests of
 * several tabs complete in any order (A61).
 */
export async function createAuthorizationRequest(
  { database, flows, clock, rowSeals }: Core,
  context: RequestContext,
  { invitation, ...request }: NewAuthorizationRequest,
): Promise<{ readonly state: string; readonly keys: ProofKeys }> {
  const [state, browserToken] = [newToken(), newToken()];
  const now = clock();
  const { provider, intent, sessionId, next } = request;
  const row = {
    state_hash: hashToken(state),
    browser_hash: hashToken(browserToken),
    provider,
    intent,
    session_id: sessionId === null ? null : idToBytes(sessionId),
    next_path: next,
    created_at: now,
    expires_at: now + REQUEST_LIFETIME,
  };
  await insertRequest(database.queries, { ...row, seal: sealsOn(rowSeals).sealOf(row) });
  const value = isHandle(invitation) ? `${browserToken}.${invitation}` : browserToken;
  const lifetimeSeconds = REQUEST_LIFETIME / SECOND;
  flows.keep(context, { kind: cookies.provider, handle: flowOf(state), value, lifetimeSeconds });
  return { state, keys: proofKeysFrom(browserToken) };
}

/** Two responses of a provider are equal if they have the same state, in the browser that created the request. */
export function repeatableCallback({ flows }: Core, context: RequestContext, provider: string): Repeatable {
  const state = context.query('state') ?? '';
  const browser = isToken(state) ? (readCookie(flows, context, state)?.browserToken ?? null) : null;
  return { parts: ['callback', provider, state], browser };
}

/** The cookie of the request with this state; null if its value is malformed. */
function readCookie(flows: Core['flows'], context: RequestContext, state: string) {
  const value = flows.read(context, cookies.provider, flowOf(state)) ?? '';
  const [browserToken = '', invitation = ''] = value.split('.');
  return isToken(browserToken) ? { browserToken, invitation } : null;
}

/** Why a response belongs to no authorization request of this browser. */
export type Unrequested = {
  readonly reason: 'expired' | 'other-browser' | 'other-session' | 'unknown-state';
  readonly code: string | null;
};

/**
 * Consumes the authorization request of this response: of parallel responses, one gets it (A15). The response must come to
 * the same browser and from the same provider, and to the session in which the request was created (A23, A24).
 */
export async function consumeAuthorizationRequest(
  { database, flows, clock, rowSeals }: Core,
  context: RequestContext,
  provider: string,
): Promise<AuthorizationRequest | Unrequested> {
  const unknown = (code: string | null): Unrequested => ({ reason: 'unknown-state', code });
  const state = context.query('state') ?? '';
  if (!isToken(state)) return unknown(state === '' ? 'no-state' : 'malformed-state');
  const stateHash = hashToken(state);
  const row = await findRequest(database.queries, { state_hash: stateHash, provider });
  if (row === undefined || !sealsOn(rowSeals).isSealed(row)) return unknown(null);
  const isExpired = row.expires_at <= clock();
  const cookie = readCookie(flows, context, state);
  if (cookie === null || !hashToken(cookie.browserToken).equals(row.browser_hash))
    return { reason: isExpired ? 'expired' : 'other-browser', code: null };
  if (!(await deleteRequest(database.queries, stateHash))) return unknown(null);
  // Deleted all the same: a clock that steps back must not revive a request that was seen expired (A59).
  if (isExpired) return { reason: 'expired', code: null };
  flows.forget(context, cookies.provider, flowOf(state));
  const sessionId = row.session_id === null ? null : sessionIds.fromBytes(row.session_id);
  if (sessionId !== null && sessionId !== context.signedIn?.session.id)
    return { reason: 'other-session', code: null };
  return {
    provider,
    intent: intents.parse(row.intent),
    sessionId,
    next: row.next_path,
    invitation: cookie.invitation,
    keys: proofKeysFrom(cookie.browserToken),
    createdAt: row.created_at,
  };
}
