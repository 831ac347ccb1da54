import { accountIds } from '../auth/identifiers/ids.ts';
import type { System } from '../latchkey.ts';
import type { User } from '../library/user.ts';
import type { Users } from '../library/users.ts';
import { newToken } from '../platform/crypto/index.ts';
import { beginTestSession, type SignInOptions, type TestSession } from './browser-session.ts';

/** A user for a test. What is left out is chosen. */
export type NewTestUser<Role extends string = string> = {
  readonly username?: string | undefined;
  /** Null for a user without an address. */
  readonly email?: string | null | undefined;
  /** Whether the address is confirmed; true by default. */
  readonly emailVerified?: boolean | undefined;
  readonly password?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
};

/** A user who is signed in in a browser. */
export type TestUser<Role extends string = string> = TestSession<Role> & { readonly password: string };

/** Who changes users, in the audit log. */
export const ACTOR = { by: 'latchkey/testing' } as const;

/** @param newName makes the name of a user whose test gives none */
export function createTestUsers(system: System, users: Pick<Users, 'create'>, newName: () => string) {
  const hasAddresses = system.core.settings.email !== 'off';
  return {
    user: async (wanted: NewTestUser = {}): Promise<TestUser> => {
      const name = newName();
      const {
        username = name,
        email = hasAddresses ? `${name}@example.org` : null,
        emailVerified = true,
        password = newToken(),
        roles = [],
      } = wanted;
      const address = email === null ? {} : { email, emailVerified };
      const account = { username, password, roles, allowReserved: true, ...address };
      const created = await users.create({ ...account, ...ACTOR });
      if (!created.ok) throw new Error(`the user ${username} cannot be created: ${created.reason}`);
      const accountId = accountIds.schema.parse(created.user.id);
      return { ...(await beginTestSession(system, accountId)), password };
    },

    signIn: async ({ id }: Pick<User, 'id'>, options?: SignInOptions): Promise<TestSession> => {
      const accountId = accountIds.parse(id);
      if (accountId === null) throw new TypeError(`${id} is not the id of a user`);
      return beginTestSession(system, accountId, options);
    },
  };
}
