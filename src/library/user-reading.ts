import type { Account } from '../auth/accounts/accounts.ts';
import type { Core } from '../auth/core.ts';
import { isAddress } from '../auth/identifiers/account-name.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import type { ListedSession } from '../auth/sessions/sessions.ts';
import type { Roles } from '../features/roles/index.ts';
import { findById } from './user-changes.ts';
import { listUsers, type UserPage, type UserQuery } from './user-list.ts';
import { type UserRecord, userRecordFrom } from './user-record.ts';

export type ReadingParts = Pick<Core, 'accounts' | 'clock' | 'database' | 'sessions'> & {
  readonly roles: Pick<Roles, 'of' | 'areDefined'>;
};

export type Who = { readonly username: string } | { readonly email: string };

/** Reads users. An unknown or malformed id gives null. */
export function createUserReading(parts: ReadingParts) {
  const { accounts, roles, sessions, clock } = parts;
  const rolesOf = async (accountId: AccountId) => (await roles.of([accountId])).get(accountId) ?? [];
  const recordOf = async (account: Account | null): Promise<UserRecord | null> =>
    account === null ? null : userRecordFrom(account, await rolesOf(account.id));
  const get = async (id: string) => recordOf(await findById(accounts, id));
  return {
    get,

    find: async (who: Who): Promise<UserRecord | null> => {
      const name = 'email' in who ? who.email : who.username;
      // A username is never looked up as an address.
      if (isAddress(name) !== 'email' in who) return null;
      const id = await accounts.find(name);
      return id === null ? null : get(id);
    },

    list: (query?: UserQuery): Promise<UserPage> => listUsers(parts, query),

    sessions: async (id: string): Promise<readonly ListedSession[]> => {
      const account = await findById(accounts, id);
      if (account === null) return [];
      const given = await rolesOf(account.id);
      const listed = await sessions.list(account.id, clock());
      return listed.map((session) => ({ ...session, roles: [...new Set([...given, ...session.roles])] }));
    },
  };
}
