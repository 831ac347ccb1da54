import { z } from 'zod';
import type { Core } from '../../auth/core.ts';
import type { OneTimeToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { TokenPurpose } from '../../auth/one-time-tokens/purpose.ts';
import type { Queries } from '../../auth/schema.ts';
import { DAY, HOUR } from '../../platform/runtime/clock.ts';
import { type EmailAddress, parseEmailAddress } from '../../platform/text/email-address.ts';

export const changePurpose: TokenPurpose = {
  name: 'email-change',
  lifetime: HOUR,
  meaning: 'Give the account this address, for its signed-in user.',
};

export const undoPurpose: TokenPurpose = {
  name: 'email-change-undo',
  lifetime: 3 * DAY,
  meaning: 'Restore the old address of the account, end all sessions and start a password reset.',
};

const bond = z.object({ from: z.string().nullable() });

/** Whose address is to be another one, and which exactly it is now and then (A16). */
export type Change = {
  readonly accountId: string;
  readonly from: string | null;
  readonly to: EmailAddress;
};

export function writeChange({ from, to }: Omit<Change, 'accountId'>): string {
  return `${to.address}\n${JSON.stringify({ from })}`;
}

export function readChange({ accountId, data }: OneTimeToken): Change {
  const [address = '', kept = ''] = data.split('\n');
  if (accountId === null) throw new TypeError('a change belongs to an account');
  return { accountId, to: storedAddress(address), ...bond.parse(JSON.parse(kept)) };
}

/** Takes an address that somebody has shown to be theirs from the account that only typed it. */
export function giveUpElsewhere(
  { accounts, settings }: Pick<Core, 'accounts' | 'settings'>,
  transaction: Queries,
  address: EmailAddress,
  ownerId: string,
): Promise<void> {
  const isRequired = settings.email === 'required';
  return accounts.giveUpUnconfirmedEmail(transaction, address, { ownerId, isRequired });
}

/** @throws {TypeError} for what was never stored as an address */
export function storedAddress(text: string): EmailAddress {
  const reading = parseEmailAddress(text);
  if (!reading.valid || reading.address !== text) throw new TypeError('no address as it is stored');
  return { address: reading.address, key: reading.key };
}
