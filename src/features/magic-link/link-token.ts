import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../auth/one-time-tokens/purpose.ts';
import type { Queries } from '../../auth/schema.ts';
import { MINUTE } from '../../platform/runtime/clock.ts';

export const linkPurpose: TokenPurpose = {
  name: 'magic-link',
  lifetime: 10 * MINUTE,
  meaning: 'Sign in, in the browser that requested it.',
};

/** What a token keeps besides the address: which browser may use it, and the code of the same mail. */
const bond = z.object({ browser: z.string(), code: z.string() });

export type SignInLink = z.infer<typeof bond> & { readonly accountId: string; readonly address: string };

export type NewLink = Pick<SignInLink, 'accountId' | 'address' | 'browser'>;

/**
 * Makes a token and a code. Those of other browsers stay, so that no stranger who asks makes void what the owner has just
 * got; in one browser the newest counts, whose mark it has.
 */
export async function issueLink(
  { oneTimeTokens, oneTimeCodes }: Core,
  transaction: Queries,
  { accountId, address, browser }: NewLink,
  now: number,
): Promise<{ readonly token: string; readonly code: string }> {
  const { code, kept } = oneTimeCodes.make(boundTo(accountId, browser));
  const data = `${address}\n${JSON.stringify({ browser, code: kept })}`;
  return {
    token: await oneTimeTokens.issue(transaction, { purpose: linkPurpose, accountId, data }, now),
    code,
  };
}

/** What a code is bound to: for no other purpose, nobody else and in no other browser is it any use (A13). */
export function boundTo(accountId: string, browser: string): readonly string[] {
  return [linkPurpose.name, accountId, browser];
}

export function readLink({ accountId, data }: OneTimeToken): SignInLink {
  if (accountId === null) throw new TypeError('a link to sign in belongs to an account');
  const [address = '', kept = ''] = data.split('\n');
  return { accountId, address, ...bond.parse(JSON.parse(kept)) };
}
