import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { accountOf, type OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { Queries } from '../../auth/schema.ts';
import { type EmailAddress, parseEmailAddress } from '../../platform/text/index.ts';
import { tokens } from './definitions.ts';

/** A change of address: the account, its address at the request, and the new one (A16). */
export type Change = {
  readonly accountId: AccountId;
  readonly from: string | null;
  readonly to: EmailAddress;
};

export function changeOf(
  token: OneTimeToken<{ readonly address: string; readonly from: string | null }>,
): Change {
  const { address, from } = token.data;
  return { accountId: accountOf(token), from, to: storedAddress(address) };
}

/** The addresses that an account had in the last three days, and that can undo the change. */
export async function formerAddresses(
  { oneTimeTokens }: Pick<Core, 'oneTimeTokens'>,
  transaction: Queries,
  accountId: AccountId,
  now: number,
): Promise<readonly string[]> {
  const live = await oneTimeTokens.ofAccount(tokens['email-change-undo'], accountId, now, transaction);
  return live.map(({ data }) => data.address);
}

/** Removes a confirmed address from the account that only typed it. */
export function giveUpElsewhere(
  { accounts, settings }: Pick<Core, 'accounts' | 'settings'>,
  transaction: Queries,
  address: EmailAddress,
  ownerId: AccountId,
): Promise<void> {
  const isRequired = settings.email === 'required';
  return accounts.giveUpUnconfirmedEmail(transaction, address, { ownerId, isRequired });
}

/** @throws {TypeError} for what was never stored as an address */
export function storedAddress(text: string): EmailAddress {
  const reading = parseEmailAddress(text);
  if (!reading.ok || reading.address !== text) throw new TypeError('no address as it is stored');
  return { address: reading.address, key: reading.key };
}
