import { MINUTE, SECOND } from '../../platform/runtime/index.ts';
import type { SessionLimits } from './session.ts';

/**
 * How long a replaced token still works, in milliseconds: for requests that were under way, and for a browser that
 * never received the response with the new one and sends the old one again.
 */
export const GRACE = 30 * SECOND;

/** “Last seen” is written at most this often, so that reading a page seldom costs a write. */
const SEEN_INTERVAL = MINUTE;

/** And at least this often within the idle limit, so that a session in use never ends as idle. */
const SEEN_PER_IDLE = 10;

export type Lifespan = {
  readonly is_remembered: number;
  readonly token_issued_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
};

/** Whether a session has reached its idle limit or its lifetime. */
export function isExpired(row: Lifespan, limits: SessionLimits, now: number): boolean {
  return now >= row.expires_at || now >= lastUse(row) + idleLimit(row, limits);
}

/** When the session was last used; issuing a token is a use. */
export function lastUse({
  last_seen_at,
  token_issued_at,
}: Pick<Lifespan, 'last_seen_at' | 'token_issued_at'>): number {
  return Math.max(last_seen_at, token_issued_at);
}

/** What using the current token calls for: another token, a note that it was used, or nothing. */
export function decideNextAction(
  row: Lifespan,
  limits: SessionLimits,
  now: number,
  canRotate: boolean,
): 'rotate' | 'note' | null {
  if (canRotate && now >= row.token_issued_at + limits.rotate) return 'rotate';
  return isUnseen(row) || isNoteDue(row, limits, now) ? 'note' : null;
}

/** Whether the current token was never used: the response that carried it may have been lost. */
export function isUnseen({
  last_seen_at,
  token_issued_at,
}: Pick<Lifespan, 'last_seen_at' | 'token_issued_at'>): boolean {
  return last_seen_at < token_issued_at;
}

/** Whether the use of a session is to be noted once more. */
export function isNoteDue(row: Lifespan, limits: SessionLimits, now: number): boolean {
  return now >= lastUse(row) + Math.min(SEEN_INTERVAL, idleLimit(row, limits) / SEEN_PER_IDLE);
}

/** What a session remembers of the token that its current one replaced. */
export type Replaced = {
  readonly previous_token_hash: Uint8Array | null;
  readonly previous_issued_at: number | null;
  /** Until when it works; null when it was replaced at a change of privilege and died at once. */
  readonly previous_until: number | null;
  readonly token_issued_at: number;
  readonly last_seen_at: number;
};

/**
 * What to make of a token of the session that is not its current one, if we made it.
 * - `passes`: it was replaced just now, or its successor was never used: the response that carried the successor was
 *   lost, or the client dropped its cookie.
 * - `refused`: it is of no use, yet may come from a request that was under way when it was replaced.
 * - `theft`: its successor was used and it is shown again after the grace, so two clients hold tokens of this session.
 */
export function classifyReusedToken(
  row: Replaced,
  isPrevious: boolean,
  now: number,
): 'passes' | 'refused' | 'theft' {
  // An older one was replaced when the previous one was issued, or before.
  const replacedAt = isPrevious ? row.token_issued_at : row.previous_issued_at;
  // A session without a previous token has replaced none: this one came from nowhere.
  if (replacedAt === null) return 'refused';
  // A clock that has stepped back lengthens nothing (A59).
  const isAfter = now > replacedAt - GRACE;
  // As long as the successor was not used, its response may have been lost: no evidence of an attacker (A62).
  if (isPrevious && isUnseen(row)) return row.previous_until !== null && isAfter ? 'passes' : 'refused';
  if (now >= replacedAt + GRACE) return 'theft';
  const isWithin = row.previous_until !== null && now < row.previous_until && isAfter;
  return isPrevious && isWithin ? 'passes' : 'refused';
}

/** `SESSION_IDLE`, or `SESSION_REMEMBER_IDLE` of `auth/settings.ts`, in milliseconds. */
function idleLimit({ is_remembered }: Lifespan, limits: SessionLimits): number {
  return is_remembered === 1 ? limits.remembered.idle : limits.idle;
}
