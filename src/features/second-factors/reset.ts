import type { AccountLifecycle } from '../../auth/accounts/account-lifecycle.ts';
import type { Accounts } from '../../auth/accounts/accounts.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Database, Queries } from '../../auth/schema.ts';
import { deleteFactors } from './store.ts';

type ResetParts = {
  readonly database: Database;
  readonly accounts: Pick<Accounts, 'lock'>;
  readonly lifecycle: Pick<AccountLifecycle, 'signOut'>;
  /** Queues the notice to the owner. */
  readonly notify: (transaction: Queries) => Promise<void>;
};

/**
 * Removes every second factor of an account whose owner has lost them, and ends its sessions. Only the operator and the
 * application may do this: a mailed link never does (NIST SP 800-63B-4 §4.2.2). Its effects are in `definitions.ts`.
 * @returns how many there were
 */
export async function resetFactors(
  { database, accounts, lifecycle, notify }: ResetParts,
  accountId: AccountId,
): Promise<number> {
  const removed = await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    const count = await deleteFactors(transaction, accountId, null);
    if (count > 0) await notify(transaction);
    return count;
  });
  if (removed > 0) await lifecycle.signOut(accountId);
  return removed;
}

const LONGEST_REASON = 200;

/** A reason for the audit log, on one line; null where it is missing, too long or has control characters. */
export function parseReason(given: unknown): string | null {
  const reason = typeof given === 'string' ? given.trim() : '';
  const isGood = reason !== '' && reason.length <= LONGEST_REASON && !/\p{Cc}/u.test(reason);
  return isGood ? reason : null;
}
