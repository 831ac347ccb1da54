import type { Core } from '../../auth/core.ts';
import { type AccountId, accountIds } from '../../auth/identifiers/ids.ts';
import { clientOf } from '../../auth/mail/notices.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { userFrom } from '../../auth/sessions/rows.ts';
import type { User } from '../../auth/sessions/session.ts';
import { hashToken, type RowSeals } from '../../platform/crypto/index.ts';
import { limitAddress, type TooMany } from '../../platform/rate-limit/index.ts';
import { MINUTE, resultOrNull } from '../../platform/runtime/index.ts';
import { NO_FORM, originOf } from '../../platform/web/index.ts';
import { beginGrace, type FactorPolicy } from '../second-factors/index.ts';
import { type ApiToken, apiTokenFrom } from './api-token.ts';
import { events, limits, type TokenRefusalReason } from './definitions.ts';
import {
  apiTokenLookUp,
  deleteExpiredApiToken,
  type FoundToken,
  noteTokenUse,
  type SealedToken,
} from './store.ts';
import { isApiToken } from './token-format.ts';

export type Authenticated =
  | { readonly ok: true; readonly user: User; readonly token: ApiToken }
  /** Whatever is wrong with it. */
  | { readonly ok: false; readonly reason: 'invalid-token' }
  | { readonly ok: false; readonly reason: 'too-many'; readonly refusal: TooMany };

const INVALID = { ok: false, reason: 'invalid-token' } as const;

/** A use is recorded at most this often, in milliseconds, so that a busy client costs no write for each request. */
const NOTED_EVERY = 5 * MINUTE;

type AuthenticationParts = {
  readonly seals: RowSeals<SealedToken>;
  /** The scopes that the application defines. */
  readonly defined: readonly string[];
  readonly policy: FactorPolicy;
};

/**
 * Finds the user whose API token a request presents, with one look-up by its hash. A text with a wrong checksum reaches
 * no database. What does not work is answered alike, counted and recorded.
 */
export function createAuthentication(core: Core, { seals, defined, policy }: AuthenticationParts) {
  const { database, clock, settings } = core;
  const find = apiTokenLookUp(database);
  return async (context: RequestContext, text: string): Promise<Authenticated> => {
    if (!isApiToken(text)) return INVALID;
    const now = clock();
    const row = await find(hashToken(text));
    if (row === undefined || !seals.isSealed(sealedPart(row))) return refuse(core, context, 'unknown', null);
    const accountId = accountIds.fromBytes(row.account_id);
    if (row.expires_at <= now) {
      await deleteExpiredApiToken(database.queries, row.token_hash).catch(unlessUnavailable(core));
      return refuse(core, context, 'expired', accountId);
    }
    const mustConfirm = settings.email === 'required';
    if (!isUsable(row, mustConfirm)) return refuse(core, context, 'account-unusable', accountId);
    // As a session would end (MFA); a token has the roles that the application gives its user, and none of a provider.
    const demand = policy.isOn ? await policy.demandOn(accountId) : null;
    if (demand?.isDue === true) return refuse(core, context, 'second-factor-missing', accountId);
    // An account that is used by tokens alone would never come to the end of a period that only sessions begin (A65).
    if (demand?.hasBegun === false)
      await beginGrace(core, policy, accountId, core.notices.occasionOf(clientOf(context), now));
    if (row.scopes !== '' && defined.length === 0)
      return refuse(core, context, 'scopes-undefined', accountId);
    if (isNoteDue(row, now)) noteUse(core, seals, sealedPart(row), now);
    return { ok: true, user: userFrom(row), token: apiTokenFrom(row, defined) };
  };
}

function sealedPart(row: FoundToken): SealedToken {
  const { token_hash, id, account_id, name, scopes, created_at, expires_at, seal } = row;
  return { token_hash, id, account_id, name, scopes, created_at, expires_at, seal };
}

/** By the rules of sessions: neither disabled nor leaving, and with a confirmed address where sign-ins require one. */
function isUsable({ disabled_at, delete_at, email, email_verified_at }: FoundToken, mustConfirm: boolean) {
  const isUnconfirmed = mustConfirm && email !== null && email_verified_at === null;
  return disabled_at === null && delete_at === null && !isUnconfirmed;
}

function isNoteDue({ last_used_at }: FoundToken, now: number): boolean {
  return last_used_at === null || now - last_used_at >= NOTED_EVERY;
}

/**
 * After the response, so that no request waits for it; what is lost in a crowd is recorded with a later use. The seal is
 * renewed, too: a token that is used while two secrets are set outlives the old one.
 */
function noteUse(
  { database, afterAnswer }: Core,
  { sealOf }: RowSeals<SealedToken>,
  { seal: _, ...row }: SealedToken,
  now: number,
): void {
  const renewed = { token_hash: row.token_hash, seal: sealOf(row) };
  resultOrNull(() => afterAnswer.run(() => noteTokenUse(database.queries, renewed, now)));
}

function unlessUnavailable({ database }: Core) {
  return (error: unknown) => (database.isUnavailable(error) ? undefined : Promise.reject(error));
}

async function refuse(
  core: Core,
  context: RequestContext,
  reason: TokenRefusalReason,
  accountId: AccountId | null,
): Promise<Authenticated> {
  const counted = limitAddress(limits['wrong-api-tokens'], context);
  const attempt = { context, counted, form: NO_FORM, subject: accountId };
  const throttled = await core.throttle(attempt, async () => {
    core.announce(events.apiTokenRefused, { accountId, reason }, originOf(context));
    return { result: null, verdict: 'failed' };
  });
  return throttled.ok ? INVALID : throttled;
}
