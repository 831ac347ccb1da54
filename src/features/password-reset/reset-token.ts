import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../auth/one-time-tokens/purpose.ts';
import type { Queries } from '../../auth/schema.ts';
import { DAY, MINUTE } from '../../platform/runtime/clock.ts';

export const resetPurpose: TokenPurpose = {
  name: 'password-reset',
  lifetime: 30 * MINUTE,
  meaning: 'Choose a new password without the old one.',
};

/** How long a link lasts that whoever runs the site hands over, in milliseconds. */
export const HANDED_OVER_LIFETIME = DAY;

/** What a token keeps besides the exact address: of which password it makes a new one. */
const bond = z.object({ version: z.number().nullable() });

/** What a link may do: it is void once the account has another address or another password (A11, A14, A21). */
export type Reset = z.infer<typeof bond> & {
  readonly accountId: string;
  /** The address that the link was sent to; null for one that was handed over. */
  readonly address: string | null;
};

export type NewReset = {
  readonly accountId: string;
  readonly address: string | null;
  /** The version of the password that stands at this moment; null without one. */
  readonly version: number | null;
  readonly lifetime: number;
};

/**
 * How many links of one account are good at once. Strangers have at most six sent in half an hour, so those that last a
 * day stay, whatever strangers ask for.
 */
const MOST_AT_ONCE = 12;

/**
 * Makes a token, beside those of before: a stranger who asks for one takes none from the owner (A07). Each is bound to the
 * password that stands, so the first that is used ends them all.
 */
export async function issueReset(
  { accounts, oneTimeTokens }: Pick<Core, 'accounts' | 'oneTimeTokens'>,
  transaction: Queries,
  { accountId, address, version, lifetime }: NewReset,
  now: number,
): Promise<string> {
  await accounts.lock(transaction, accountId);
  await oneTimeTokens.voidBeyond(transaction, resetPurpose, accountId, MOST_AT_ONCE - 1);
  const data = `${address ?? ''}\n${JSON.stringify({ version })}`;
  return oneTimeTokens.issue(transaction, { purpose: resetPurpose, accountId, data, lifetime }, now);
}

export function readReset({ accountId, data }: OneTimeToken): Reset {
  if (accountId === null) throw new TypeError('a reset belongs to an account');
  const [address = '', kept = ''] = data.split('\n');
  return { accountId, address: address === '' ? null : address, ...bond.parse(JSON.parse(kept)) };
}
