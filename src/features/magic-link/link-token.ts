import type { Core } from '../../auth/core.ts';
import { accountOf, type OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { Queries } from '../../auth/schema.ts';
import { tokens } from './definitions.ts';

export type SignInLink = {
  readonly accountId: string;
  readonly address: string;
  /** The browser that may use it. */
  readonly browser: string;
  /** What is kept of the code of the same mail. */
  readonly code: string;
};

export type NewLink = Pick<SignInLink, 'accountId' | 'address' | 'browser'>;

/**
 * Issues a token and a code. Those of other browsers stay valid, so that a stranger's request does not void what the owner
 * has just received; in one browser the newest counts.
 */
export async function issueLink(
  { oneTimeTokens, oneTimeCodes }: Core,
  transaction: Queries,
  { accountId, address, browser }: NewLink,
  now: number,
): Promise<{ readonly token: string; readonly code: string }> {
  const { code, kept } = oneTimeCodes.make(boundTo(accountId, browser));
  const about = { purpose: tokens['magic-link'], accountId, data: { address, browser, code: kept } };
  return { token: await oneTimeTokens.issue(transaction, about, now), code };
}

/** A code is bound to its purpose, its account and its browser (A13). */
export function boundTo(accountId: string, browser: string): readonly string[] {
  return [tokens['magic-link'].name, accountId, browser];
}

export function linkOf(token: OneTimeToken<Omit<SignInLink, 'accountId'>>): SignInLink {
  return { accountId: accountOf(token), ...token.data };
}
