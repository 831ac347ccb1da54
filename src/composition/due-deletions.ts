import type { AccountLifecycle } from '../auth/accounts/account-lifecycle.ts';
import { dueAccounts } from '../auth/accounts/store.ts';
import { events } from '../auth/definitions.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { Queries } from '../auth/schema.ts';
import type { Announce } from '../platform/events/index.ts';
import { type Clock, DAY } from '../platform/runtime/index.ts';
import type { DeleteExpired, Reference } from '../platform/sql/index.ts';

const WORK = { work: 'retention' };
/** How long a refused deletion is neither reported nor tried by retention again. */
const RETRY = DAY;
const MOST_REFUSED = 10_000;

export type RefusedDeletions = {
  readonly report: (accountId: AccountId, by: Reference) => void;
  readonly isRecent: (accountId: AccountId) => boolean;
};

/** Reports that a foreign key refused the deletion of an account, once a day for each of them. */
export function createRefusedDeletions(announce: Announce, clock: Clock): RefusedDeletions {
  const refusedAt = new Map<AccountId, number>();
  const isRecent = (accountId: AccountId) => clock() < (refusedAt.get(accountId) ?? -RETRY) + RETRY;
  return {
    report: (accountId, by) => {
      if (isRecent(accountId)) return;
      if (refusedAt.size >= MOST_REFUSED) refusedAt.clear();
      refusedAt.set(accountId, clock());
      announce(events.accountDeletionRefused, { accountId, ...by }, WORK);
    },
    isRecent,
  };
}

type DueDeletionParts = {
  readonly queries: Queries;
  readonly lifecycle: Pick<AccountLifecycle, 'deleteIfDue'>;
  readonly announce: Announce;
  readonly refused: Pick<RefusedDeletions, 'isRecent'>;
};

/** Deletes accounts past their deletion date, one transaction each; one that cannot be deleted keeps no other. */
export function deleteDueAccounts({
  queries,
  lifecycle,
  announce,
  refused,
}: DueDeletionParts): DeleteExpired {
  return async (now, max) => {
    let deleted = 0;
    let due = await dueAccounts(queries, now, max);
    while (due.length > 0) {
      for (const { id: accountId } of due) {
        if (deleted === max) return deleted;
        if (refused.isRecent(accountId) || !(await lifecycle.deleteIfDue(accountId, now))) continue;
        announce(events.accountDeleted, { accountId }, WORK);
        deleted += 1;
      }
      due = await dueAccounts(queries, now, max, due.at(-1));
    }
    return deleted;
  };
}
