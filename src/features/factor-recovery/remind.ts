import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { DAY } from '../../platform/runtime/index.ts';
import type { DeleteExpired } from '../../platform/sql/index.ts';
import { accountsToRemind, deleteRecovery, moveNotice, pendingRecovery } from '../second-factors/index.ts';
import { notifyOfRecovery } from './recovery.ts';

/**
 * Notifies every address of accounts with a pending recovery once a day, and deletes what is left of those that were voided or
 * have expired. Retention runs it every minute, on one node.
 */
export function remindDaily(core: Core): DeleteExpired {
  return async (now, max) => {
    let deleted = 0;
    for (const accountId of await accountsToRemind(core.database.queries, now, max))
      deleted += await remind(core, accountId, now);
    return deleted;
  };
}

/** @returns how many rows were deleted */
function remind(core: Core, accountId: AccountId, now: number): Promise<0 | 1> {
  return core.database.transaction(async (transaction) => {
    await core.accounts.lock(transaction, accountId);
    const recovery = await pendingRecovery(core, transaction, accountId, now);
    if (recovery === null) {
      await deleteRecovery(transaction, accountId);
      return 1;
    }
    // At the hour of the request, also after an outage.
    const from = recovery.nextNoticeAt;
    const to = from + DAY * Math.max(1, Math.ceil((now + 1 - from) / DAY));
    if (from > now || !(await moveNotice(transaction, accountId, { from, to }))) return 0;
    const occasion = core.notices.occasionOf(null, now);
    await notifyOfRecovery(core, transaction, { accountId, occasion, recovery });
    return 0;
  });
}
