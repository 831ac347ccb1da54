import { z } from 'zod';
import { DAY, MINUTE } from '../../core/clock.ts';
import type { Core } from '../../core/core.ts';
import type { Queries } from '../../core/database/schema.ts';
import type { OneTimeToken } from '../../core/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../core/one-time-tokens/purpose.ts';

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

/** Makes a token. The account's row is locked first, so of two at once one stays, and it is the newest. */
export async function issueReset(
  { accounts, oneTimeTokens }: Pick<Core, 'accounts' | 'oneTimeTokens'>,
  transaction: Queries,
  { accountId, address, version, lifetime }: NewReset,
  now: number,
): Promise<string> {
  await accounts.lock(transaction, accountId);
  await oneTimeTokens.voidAll(transaction, resetPurpose, accountId);
  const data = `${address ?? ''}\n${JSON.stringify({ version })}`;
  return oneTimeTokens.issue(transaction, { purpose: resetPurpose, accountId, data, lifetime }, now);
}

export function readReset({ accountId, data }: OneTimeToken): Reset {
  if (accountId === null) throw new TypeError('a reset belongs to an account');
  const [address = '', kept = ''] = data.split('\n');
  return { accountId, address: address === '' ? null : address, ...bond.parse(JSON.parse(kept)) };
}
