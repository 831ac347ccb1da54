import type { CommandContext } from '../../auth/commands.ts';
import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { defineService } from '../../auth/services.ts';
import type { SettingsOf } from '../../platform/settings/index.ts';
import { transact } from '../../platform/sql/index.ts';
import { events } from './definitions.ts';
import { rolesSettings } from './settings.ts';
import { deleteRoles, insertRoles, rolesOf } from './store.ts';

/** The roles that an account is to have instead of its present ones, or only what differs. */
export type RoleChange<Role extends string = string> =
  | readonly Role[]
  | { readonly add?: readonly Role[]; readonly remove?: readonly Role[] };

export type RolesChanged =
  | { readonly ok: true; readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly ok: false; readonly reason: 'not-found' | 'unknown-role' };

type RequestedChange = Pick<CommandContext, 'now' | 'announce'> & {
  readonly accountId: AccountId;
  readonly change: RoleChange;
};

/** The roles that the application defines and gives accounts. */
export type Roles = ReturnType<typeof createRoles>;

export function createRoles(
  { database, accounts }: Pick<Core, 'database' | 'accounts'>,
  settingsOf: SettingsOf,
) {
  const { roles: defined = [] } = settingsOf(rolesSettings);
  const known: ReadonlySet<string> = new Set(defined);
  return {
    /** Whether an account can have all of these. */
    areDefined: (roles: readonly string[]): boolean => roles.every((role) => known.has(role)),

    /** The roles of accounts, by their ids; without those that are not defined any more. */
    of: async (accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, readonly string[]>> => {
      // Without defined roles, nothing is looked up.
      const granted = known.size === 0 ? [] : await rolesOf(database.queries, accountIds);
      const those = Map.groupBy(
        granted.filter(({ role }) => known.has(role)),
        ({ accountId }) => accountId,
      );
      return new Map([...those].map(([id, rows]) => [id, rows.map(({ role }) => role)]));
    },

    /** Gives a new account its first roles, in the transaction that creates it. */
    insert: insertRoles,

    /** Changes the roles of an account, from the next request of each of its sessions. */
    change: async ({ accountId, change, now, announce }: RequestedChange): Promise<RolesChanged> => {
      const isWhole = 'length' in change;
      const wanted = isWhole ? change : (change.add ?? []);
      if (!wanted.every((role) => known.has(role))) return { ok: false, reason: 'unknown-role' };
      const changed = await transact(database, async (transaction) => {
        // Two changes wait for each other, so that neither is lost.
        await accounts.lock(transaction, accountId);
        if ((await accounts.read(accountId, transaction)) === null) return NOT_FOUND;
        const present = (await rolesOf(transaction, [accountId])).map(({ role }) => role);
        const unwanted = isWhole ? present.filter((role) => !wanted.includes(role)) : (change.remove ?? []);
        const removed = present.filter((role) => unwanted.includes(role));
        const added = [...new Set(wanted)].filter(
          (role) => !present.includes(role) && !unwanted.includes(role),
        );
        await deleteRoles(transaction, accountId, removed);
        await insertRoles(transaction, accountId, added, now);
        return { ok: true, added, removed } as const;
      });
      // The account may be deleted only before it was locked.
      if (!changed.ok) return NOT_FOUND;
      const { added, removed } = changed;
      if (added.length + removed.length > 0) announce(events.rolesChanged, { accountId, added, removed });
      return changed;
    },
  };
}

const NOT_FOUND = { ok: false, reason: 'not-found' } as const;

export const rolesService = defineService({
  create: (core) => createRoles(core, core.settingsOf),
});
