import type { Core } from '../core.ts';
import type { MailRefusal } from '../events.ts';
import type { Account } from './accounts.ts';

/** An account that may be used, with an address that is its own. */
export type ReachableAccount = Account & { readonly email: string };

/** The account of somebody who asks for a mail without being signed in, or why none is sent. */
export async function reachableAccount(
  { accounts, clock }: Pick<Core, 'accounts' | 'clock'>,
  accountId: string | null,
): Promise<ReachableAccount | { readonly refusal: MailRefusal }> {
  const account = accountId === null ? null : await accounts.read(accountId);
  if (account === null) return { refusal: 'unknown-account' };
  const { id, email, disabledAt, deleteAt } = account;
  if (disabledAt !== null || (deleteAt !== null && deleteAt <= clock()))
    return { refusal: 'account-unusable' };
  // An address that another account has was never this one’s.
  if (email === null || (await accounts.find(email)) !== id) return { refusal: 'no-address' };
  return { ...account, email };
}
