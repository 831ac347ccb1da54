import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { DAY } from '../../platform/runtime/index.ts';
import { tokens } from './definitions.ts';

/** How long a link lasts that the operator hands over, in milliseconds. */
export const HANDED_OVER_LIFETIME = DAY;

/** What a link may do: it is void once the account has another address or another password (A11, A14, A21). */
export type Reset = {
  readonly accountId: AccountId;
  /** The address that the link was sent to; null for a link that the operator handed over. */
  readonly address: string | null;
  /** The version of the password that it replaces; null without one. */
  readonly version: number | null;
};

export type NewReset = Reset & { readonly lifetime: number };

/**
 * The maximum number of links of one account that work at once. Attackers cause at most six in half an hour, so that links
 * that last a day stay valid.
 */
const MAX_AT_ONCE = 12;

/**
 * Issues a token and keeps earlier ones, so that an attacker who requests one voids none of the owner's (A07). Each is
 * bound to the current password, so that the first one that is used ends all of them.
 */
export async function issueReset(
  { accounts, oneTimeTokens }: Pick<Core, 'accounts' | 'oneTimeTokens'>,
  transaction: Queries,
  { accountId, address, version, lifetime }: NewReset,
  now: number,
): Promise<string> {
  await accounts.lock(transaction, accountId);
  await oneTimeTokens.voidBeyond(transaction, tokens['password-reset'], accountId, MAX_AT_ONCE - 1);
  const about = { purpose: tokens['password-reset'], accountId, data: { address, version }, lifetime };
  return oneTimeTokens.issue(transaction, about, now);
}

/** The page of a reset link. */
export function resetPagePath(token: string): `/${string}` {
  return `/reset-password?token=${token}`;
}
