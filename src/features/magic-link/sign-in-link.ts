import type { Core } from '../../auth/core.ts';
import { flashes as authFlashes } from '../../auth/definitions.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { accountOf, type OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { paths } from '../../auth/paths.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { SignInMethod } from '../../auth/required-steps/sign-in-step.ts';
import type { Queries } from '../../auth/schema.ts';
import { progressOf, type SignInProgress } from '../../auth/sign-in.ts';
import { tokens } from './definitions.ts';
import { forgetRequest, type SignInRequest } from './request-cookie.ts';

export type SignInLink = {
  readonly accountId: AccountId;
  readonly address: string;
  /** The digest of the token of the browser that may use it. */
  readonly browser: string;
  /** The signature of the code of the same mail. */
  readonly code: string;
};

/**
 * Issues a token and a code. Those of other browsers stay valid, so that an attacker's request does not void what the owner
 * has just received; in one browser the newest counts.
 */
export async function issueLink(
  { oneTimeTokens, oneTimeCodes }: Core,
  transaction: Queries,
  { accountId, address, browser }: Omit<SignInLink, 'code'>,
  now: number,
): Promise<{ readonly token: string; readonly code: string }> {
  const { code, kept } = oneTimeCodes.make(boundTo(accountId, browser));
  const about = { purpose: tokens['magic-link'], accountId, data: { address, browser, code: kept } };
  return { token: await oneTimeTokens.issue(transaction, about, now), code };
}

/** A code is bound to its purpose, its account and its browser (A13). */
export function boundTo(accountId: AccountId, browser: string): readonly string[] {
  return [tokens['magic-link'].name, accountId, browser];
}

export function linkOf(token: OneTimeToken<Omit<SignInLink, 'accountId'>>): SignInLink {
  return { accountId: accountOf(token), ...token.data };
}

/** The sign-in method for the gate: the proof holds as long as the account has that address, and it is confirmed. */
export function magicLinkMethod({ accounts }: Core): SignInMethod {
  return {
    name: 'magic-link',
    stillHolds: async (accountId, address) => {
      const account = await accounts.read(accountId);
      return account !== null && account.email === address && account.emailVerifiedAt !== null;
    },
    proofOf: async (_address, now) => ({ by: 'mail', at: now }),
  };
}

/** Completes the sign-in once the link or the code was spent, with the same required steps as after a password. */
export async function completeRequest(
  core: Core,
  context: RequestContext,
  { accountId, address }: SignInLink,
  request: SignInRequest,
): Promise<SignInProgress> {
  const { isRemembered, next } = request;
  forgetRequest(core, context, request);
  const proof = { method: 'magic-link', credential: address, facts: [] } as const;
  const outcome = await core.completeSignIn(context, { accountId, isRemembered, next, ...proof });
  const progress = progressOf(core.locations, outcome, next);
  if (progress !== null) return progress;
  core.pages.flash(context, authFlashes.signInExpired);
  return { next: paths.login, data: { state: 'signed-out' } };
}
