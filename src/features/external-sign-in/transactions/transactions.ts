import { z } from 'zod';
import type { Core } from '../../../auth/core.ts';
import type { CreateRowSeals } from '../../../platform/crypto/row-seals.ts';
import { hashToken, isToken, newToken } from '../../../platform/crypto/tokens.ts';
import { MINUTE, SECOND } from '../../../platform/runtime/clock.ts';
import { bytesToId, idToBytes } from '../../../platform/text/uuid.ts';
import type { RequestContext } from '../../../platform/web/context.ts';
import { flowOf, isHandle } from '../../../platform/web/flows.ts';
import type { Repeatable } from '../../../platform/web/repeats/repeats.ts';
import { deleteTransaction, findTransaction, insertTransaction, type TransactionRow } from '../store.ts';
import { type ProofKeys, proofKeysFrom } from './proof-keys.ts';

const sealsOn = (rowSeals: CreateRowSeals) => rowSeals<TransactionRow>('external_transactions');

const intents = z.enum(['sign-in', 'connect', 'confirm']);

/** What somebody goes to a provider for: to sign in, to connect it with their account, or to prove anew who they are. */
export type Intent = z.infer<typeof intents>;

/** How long somebody may be away at the provider, in milliseconds. */
const TRANSACTION_LIFETIME = 10 * MINUTE;

export type Beginning = {
  readonly provider: string;
  readonly intent: Intent;
  /** The session that it belongs to, where somebody signed in begins it. */
  readonly sessionId: string | null;
  readonly next: string | null;
  /** The handle of the invitation that it was begun with; the empty text without one. */
  readonly invitation: string;
};

/** A way to a provider and back that was begun in this browser, and has just been ended. */
export type Transaction = Beginning & {
  readonly keys: ProofKeys;
  /** Milliseconds of UTC. */
  readonly createdAt: number;
};

/**
 * Begins a way to a provider: a row, and a cookie of its own that binds it to this browser, so that several tabs come back
 * in any order (A61).
 */
export async function beginTransaction(
  { database, flows, clock, rowSeals }: Core,
  context: RequestContext,
  { invitation, ...beginning }: Beginning,
): Promise<{ readonly state: string; readonly keys: ProofKeys }> {
  const [state, browserToken] = [newToken(), newToken()];
  const now = clock();
  const { provider, intent, sessionId, next } = beginning;
  const row = {
    state_hash: hashToken(state),
    browser_hash: hashToken(browserToken),
    provider,
    intent,
    session_id: sessionId === null ? null : idToBytes(sessionId),
    next_path: next,
    created_at: now,
    expires_at: now + TRANSACTION_LIFETIME,
  };
  await insertTransaction(database.queries, { ...row, seal: sealsOn(rowSeals).sealOf(row) });
  const value = isHandle(invitation) ? `${browserToken}.${invitation}` : browserToken;
  const lifetimeSeconds = TRANSACTION_LIFETIME / SECOND;
  flows.keep(context, { kind: 'provider', handle: flowOf(state), value, lifetimeSeconds });
  return { state, keys: proofKeysFrom(browserToken) };
}

/** What makes two answers of a provider equal: the state of the way that they end, in the browser that has begun it. */
export function repeatableCallback({ flows }: Core, context: RequestContext, provider: string): Repeatable {
  const state = context.query('state') ?? '';
  const browser = isToken(state) ? (readCookie(flows, context, state)?.browserToken ?? null) : null;
  return { parts: ['callback', provider, state], browser };
}

/** The cookie of the transaction with this state; null where its value is not well-formed. */
function readCookie(flows: Core['flows'], context: RequestContext, state: string) {
  const value = flows.read(context, 'provider', flowOf(state)) ?? '';
  const [browserToken = '', invitation = ''] = value.split('.');
  return isToken(browserToken) ? { browserToken, invitation } : null;
}

/**
 * Ends the way that this answer belongs to, once: of all who bring it at once, one gets it (A15). It has to come to the
 * same browser and from the same provider, and what was begun in a session belongs to that session (A23, A24).
 */
export async function takeTransaction(
  { database, flows, clock, rowSeals }: Core,
  context: RequestContext,
  provider: string,
): Promise<Transaction | null> {
  const state = context.query('state');
  if (state === null || !isToken(state)) return null;
  const cookie = readCookie(flows, context, state);
  if (cookie === null) return null;
  const { browserToken, invitation } = cookie;
  const shown = { state_hash: hashToken(state), browser_hash: hashToken(browserToken), provider };
  const row = await findTransaction(database.queries, shown);
  if (row === undefined || !sealsOn(rowSeals).isSealed(row)) return null;
  if (!(await deleteTransaction(database.queries, shown.state_hash))) return null;
  // It is deleted all the same: a clock that steps back must not revive what was seen expired (A59).
  if (row.expires_at <= clock()) return null;
  flows.forget(context, 'provider', flowOf(state));
  const sessionId = row.session_id === null ? null : bytesToId(row.session_id);
  if (sessionId !== null && sessionId !== context.signedIn?.session.id) return null;
  return {
    provider,
    intent: intents.parse(row.intent),
    sessionId,
    next: row.next_path,
    invitation,
    keys: proofKeysFrom(browserToken),
    createdAt: row.created_at,
  };
}
