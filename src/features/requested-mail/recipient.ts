import type { Account } from '../../auth/accounts/accounts.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { MailRefusal } from './definitions.ts';

/** The recipient of a requested mail, or why none is sent. */
export type Found<Recipient> =
  | { readonly ok: true; readonly recipient: Recipient }
  | { readonly ok: false; readonly reason: MailRefusal };

/** An account that can be used, with an address of its own. */
export type ReachableAccount = Account & { readonly email: string };

/** Finds the account to which a visitor requests a mail. */
export async function reachableAccount(
  { accounts, clock }: Pick<Core, 'accounts' | 'clock'>,
  accountId: AccountId | null,
): Promise<Found<ReachableAccount>> {
  const account = accountId === null ? null : await accounts.read(accountId);
  if (account === null) return { ok: false, reason: 'unknown-account' };
  const { id, email, disabledAt, deleteAt } = account;
  if (disabledAt !== null || (deleteAt !== null && deleteAt <= clock()))
    return { ok: false, reason: 'account-unusable' };
  // It never had an address that another account has.
  if (email === null || (await accounts.find(email)) !== id) return { ok: false, reason: 'no-address' };
  return { ok: true, recipient: { ...account, email } };
}
