import type { AccountLifecycle } from '../../auth/accounts/account-lifecycle.ts';
import type { Accounts } from '../../auth/accounts/accounts.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { changes, emails } from './definitions.ts';
import { deleteRecovery } from './recovery-store.ts';
import { deleteAllRemoved } from './removed-store.ts';
import { deleteAllFactors } from './store.ts';

type ResetParts = {
  readonly accounts: Pick<Accounts, 'lock'>;
  readonly lifecycle: Pick<AccountLifecycle, 'change'>;
};

/**
 * Removes every second factor of an account whose owner has lost them, and ends its sessions. Only the operator and the
 * application may do this: a mailed link never does (NIST SP 800-63B-4 §4.2.2), and none undoes it.
 * @param now in milliseconds of UTC
 * @returns how many there were
 */
export async function resetFactors(
  { accounts, lifecycle }: ResetParts,
  accountId: AccountId,
  now: number,
): Promise<number> {
  let removed = 0;
  await lifecycle.change(
    accountId,
    async (transaction) => {
      await accounts.lock(transaction, accountId);
      removed = await deleteAllFactors(transaction, accountId);
      await deleteAllRemoved(transaction, accountId);
      await deleteRecovery(transaction, accountId);
      return removed > 0;
    },
    {
      actor: { now },
      effects: changes.secondFactorsReset,
      write: ({ username }) => emails.secondFactorsReset.with({ username }),
    },
  );
  return removed;
}

/**
 * Removes every second factor of an account whose address is proven for the first time, by a mail: they are of a user who has
 * not shown to own it (A20). The account must be locked.
 */
export async function deleteUnprovenFactors(transaction: Queries, accountId: AccountId): Promise<void> {
  await deleteAllFactors(transaction, accountId);
  await deleteAllRemoved(transaction, accountId);
  await deleteRecovery(transaction, accountId);
}

const LONGEST_REASON = 200;

/** A reason for the audit log, on one line; null where it is missing, too long or has control characters. */
export function parseReason(given: unknown): string | null {
  const reason = typeof given === 'string' ? given.trim() : '';
  const isGood = reason !== '' && reason.length <= LONGEST_REASON && !/\p{Cc}/u.test(reason);
  return isGood ? reason : null;
}
