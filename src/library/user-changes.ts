import type { AccountLifecycle } from '../auth/accounts/account-lifecycle.ts';
import type { Account, Accounts } from '../auth/accounts/accounts.ts';
import { events } from '../auth/definitions.ts';
import { type AccountId, accountIds } from '../auth/identifiers/ids.ts';
import type { EventDefinition } from '../platform/events/index.ts';
import type { Clock } from '../platform/runtime/index.ts';
import type { Reference } from '../platform/sql/index.ts';
import { type AnnounceBy, type By, parseActor } from './user-actor.ts';

export type NotFound = { readonly ok: false; readonly reason: 'not-found' };

/** `changed` is false where the account was in that state already. */
export type StateChanged = { readonly ok: true; readonly changed: boolean } | NotFound;

export type UserDeleted =
  | { readonly ok: true }
  | NotFound
  | {
      readonly ok: false;
      readonly reason: 'referenced';
      /** The table of the application whose foreign key refuses the deletion. */
      readonly by: Reference;
    };

export type SignedOut = { readonly ok: true; readonly sessions: number } | NotFound;

export type ChangeParts = {
  readonly accounts: Pick<Accounts, 'read'>;
  readonly lifecycle: Pick<AccountLifecycle, 'disable' | 'enable' | 'delete' | 'signOut'>;
  readonly clock: Clock;
  readonly announce: AnnounceBy;
};

export const NOT_FOUND: NotFound = { ok: false, reason: 'not-found' };

/** An account by an id from outside; null for an unknown or malformed one. */
export async function findById(accounts: Pick<Accounts, 'read'>, id: string): Promise<Account | null> {
  const accountId = accountIds.parse(String(id));
  return accountId === null ? null : accounts.read(accountId);
}

/**
 * Runs a change of an account by its actor.
 * @throws {TypeError} when no actor is named
 */
export async function onAccount<Result>(
  accounts: Pick<Accounts, 'read'>,
  id: string,
  { by }: By,
  change: (account: Account, actor: string) => Promise<Result>,
): Promise<Result | NotFound> {
  const actor = parseActor(by);
  const account = await findById(accounts, id);
  return account === null ? NOT_FOUND : change(account, actor);
}

/** What the application and the operator do to accounts. Each change is recorded with its actor. */
export function createUserChanges({ accounts, lifecycle, clock, announce }: ChangeParts) {
  const changeState = (
    id: string,
    by: By,
    event: EventDefinition<{ accountId: AccountId }>,
    apply: (accountId: AccountId) => Promise<boolean>,
  ): Promise<StateChanged> =>
    onAccount(accounts, id, by, async ({ id: accountId }, actor) => {
      const changed = await apply(accountId);
      if (changed) announce(event, { accountId }, actor);
      return { ok: true, changed };
    });
  return {
    disable: (id: string, by: By): Promise<StateChanged> =>
      changeState(id, by, events.accountDisabled, (accountId) =>
        lifecycle.disable(accountId, { now: clock() }),
      ),

    enable: (id: string, by: By): Promise<StateChanged> =>
      changeState(id, by, events.accountEnabled, (accountId) => lifecycle.enable(accountId)),

    delete: (id: string, by: By): Promise<UserDeleted> =>
      onAccount<UserDeleted>(accounts, id, by, async ({ id: accountId }, actor) => {
        const deletion = await lifecycle.delete(accountId, { now: clock() });
        if (!deletion.ok) return deletion;
        announce(events.accountDeleted, { accountId }, actor);
        return { ok: true };
      }),

    signOut: (id: string, by: By): Promise<SignedOut> =>
      onAccount(accounts, id, by, async ({ id: accountId }, actor) => {
        const sessions = await lifecycle.signOut(accountId);
        announce(events.signedOutEverywhere, { accountId, sessions }, actor);
        return { ok: true, sessions };
      }),
  };
}
