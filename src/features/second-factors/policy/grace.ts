import type { Core } from '../../../auth/core.ts';
import type { AccountId } from '../../../auth/identifiers/ids.ts';
import { clientOf } from '../../../auth/mail/notices.ts';
import { paths } from '../../../auth/paths.ts';
import type { AfterSignIn } from '../../../auth/required-steps/sign-in-step.ts';
import type { SessionRule } from '../../../auth/slots.ts';
import type { Occasion } from '../../../platform/mail/index.ts';
import { DAY } from '../../../platform/runtime/index.ts';
import { type DeleteExpired, transact } from '../../../platform/sql/index.ts';
import { emails, events } from '../definitions.ts';
import { deleteDeadlines, dueForReminder, insertDeadline, noteReminder } from './deadlines.ts';
import type { FactorPolicy } from './policy.ts';

/** How long before its end a grace period is reported again; one of less than twice this is reported once. */
const REMINDED_BEFORE = DAY;

/**
 * A session without a second factor follows the policy, whenever it began and whichever way its user got the role: its
 * first request begins the grace period where no sign-in has, and the first one after that period ends the session.
 */
export function followPolicy(core: Core, policy: FactorPolicy): SessionRule {
  return ({ user, session }, { now, client }) => {
    if (session.secondFactor !== null || !policy.concerns(session)) return true;
    const follow = async () => {
      const demand = await policy.demandOn(user.id, session);
      if (demand === null) return true;
      if (demand.isDue) {
        await core.sessions.end(user.id, session.id);
        core.announce(events.secondFactorOverdue, { accountId: user.id, sessionId: session.id }, WORK);
        return false;
      }
      if (!demand.hasBegun) await beginGrace(core, policy, user.id, core.notices.occasionOf(client(), now));
      return true;
    };
    return follow();
  };
}

/** Begins the grace period of an account at its first sign-in under the policy; for roles of a provider, at the first request. */
export function beginAtSignIn(core: Core, policy: FactorPolicy): AfterSignIn {
  return async (context, { accountId, now }) => {
    const demand = await policy.demandOn(accountId);
    if (demand !== null && !demand.isDue && !demand.hasBegun)
      await beginGrace(core, policy, accountId, core.notices.occasionOf(clientOf(context), now));
    return true;
  };
}

const WORK = { work: 'second factors' };

/** Begins the grace period of an account and notifies its owner, both or neither; of several requests at once, one does. */
export async function beginGrace(
  { database, notices }: Core,
  { grace }: FactorPolicy,
  accountId: AccountId,
  occasion: Occasion,
): Promise<void> {
  const { at: now } = occasion;
  const until = now + grace;
  await transact(
    database,
    async (transaction) => {
      await insertDeadline(transaction, accountId, now);
      await notices.queue(transaction, {
        accountId,
        occasion,
        write: ({ username }) => emails.secondFactorRequired.with({ username, page: paths.security, until }),
      });
      return { ok: true };
    },
    database.isRowRefusal,
    // A database that cannot be written to signs no user out; the next request begins it.
  ).catch((error) => (database.isUnavailable(error) ? undefined : Promise.reject(error)));
}

/**
 * Reminds the owners of accounts whose grace period ends soon, once each, and none who has a factor by now. A policy that
 * was switched off leaves nothing, so that one which is switched on later gives every account its period.
 */
export function remindOwners(core: Core, policy: FactorPolicy): DeleteExpired {
  const { database, sessions } = core;
  return async (now, max) => {
    if (!policy.isOn) return deleteDeadlines(database.queries, max);
    if (policy.grace < 2 * REMINDED_BEFORE) return 0;
    const ending = { after: now - policy.grace, upTo: now - policy.grace + REMINDED_BEFORE, max };
    for (const accountId of await dueForReminder(database.queries, ending)) {
      const live = await sessions.list(accountId, now);
      const demand = await policy.demandOn(accountId, { roles: live.flatMap(({ roles }) => roles) });
      await remind(core, accountId, demand?.until ?? null, now);
    }
    return 0;
  };
}

/** @param until null where the account needs no reminder any more */
async function remind(
  { database, notices }: Core,
  accountId: AccountId,
  until: number | null,
  now: number,
): Promise<void> {
  const occasion = notices.occasionOf(null, now);
  await database.transaction(async (transaction) => {
    if (!(await noteReminder(transaction, accountId, now)) || until === null) return;
    await notices.queue(transaction, {
      accountId,
      occasion,
      write: ({ username }) => emails.secondFactorDue.with({ username, page: paths.security, until }),
    });
  });
}
