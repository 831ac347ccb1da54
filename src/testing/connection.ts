import { randomBytes } from 'node:crypto';
import { migrations, type System } from '../latchkey.ts';
import type { Options } from '../library/options.ts';
import { createTokens, type Tokens } from '../library/tokens.ts';
import { createUsers, type Users } from '../library/users.ts';
import { createSeals, hasOtherKeys } from '../platform/audit-log/index.ts';
import { createSecrets } from '../platform/crypto/index.ts';
import { systemPause } from '../platform/runtime/index.ts';
import { TEST_SECRET_KEY } from '../platform/settings/index.ts';
import { checkSchema } from '../platform/sql/index.ts';
import { composeForTests } from './compose.ts';
import type { TestControls } from './controls.ts';
import { insideOptions } from './inside-options.ts';
import { createTestMails } from './mails.ts';
import { refuseInProduction } from './refusal.ts';
import { ACTOR, createTestUsers } from './users.ts';

/** The options of the server, with the database that both use. */
export type ConnectOptions<Role extends string = string, Scope extends string = string> = Options<
  Role,
  Scope
> & {
  readonly databaseUrl: string | URL;
};

/** The users and mails of a server in another process. Its clock is the real one. */
export type TestConnection<
  Role extends string = string,
  Scope extends string = string,
> = TestControls<Role> & {
  readonly users: Users<Role>;
  readonly tokens: Tokens<Scope>;
};

/**
 * Joins the tests of an application to its server in another process, such as the one that Playwright starts. Both use one
 * database, which has to be one for tests: the server has `testSecretKey` as its `secretKey`, and a database that was ever
 * written with another key is refused.
 * @throws {Error} in production: where `NODE_ENV` says so, or `baseUrl` is not of this machine
 * @throws {SettingsError} when an option is wrong, naming every fault
 */
export function connectTestLatchkey<const Role extends string = string, const Scope extends string = string>(
  options: ConnectOptions<Role, Scope>,
): TestConnection<Role, Scope>;
export function connectTestLatchkey(options: ConnectOptions): TestConnection {
  refuseInProduction(options);
  const system = composeBeside(options);
  const ready = prepare(system);
  // The first call that needs it gets the error.
  ready.catch(() => {});
  const users = createUsers(system, ready, 'testing');
  const made = createTestUsers(system, users, newName);
  const created = new Set<string>();
  const close = async () => {
    await ready.catch(() => {});
    await system.close();
  };
  return {
    user: async (wanted) => {
      const user = await made.user(wanted);
      created.add(user.user.id);
      return user;
    },
    signIn: async (user, options) => {
      await ready;
      return made.signIn(user, options);
    },
    users,
    tokens: createTokens(system, ready),
    mails: createTestMails({
      list: async () => {
        await ready;
        return system.core.mail.mailbox?.list() ?? [];
      },
      waits: async (looks) => {
        if (looks >= MAX_LOOKS) return false;
        await systemPause(PAUSE);
        return true;
      },
    }),
    reset: async () => {
      for (const id of created) await users.delete(id, ACTOR);
      created.clear();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Together five seconds. Milliseconds. */
const PAUSE = 50;
const MAX_LOOKS = 100;

// Several processes create users at once.
function newName(): string {
  return `user-${randomBytes(6).toString('hex')}`;
}

function composeBeside({ databaseUrl, ...options }: ConnectOptions): System {
  const shared = { databaseUrl, migrate: 'manual', secretKey: TEST_SECRET_KEY } as const;
  return composeForTests({ ...insideOptions(options), ...shared }).system;
}

/** Changes no schema, and nothing at all in a database that is not for tests. */
async function prepare(system: System): Promise<void> {
  const { database } = system.core;
  await checkSchema(database, migrations, 'latchkey/testing leaves that to the server');
  const { keyIds } = createSeals(createSecrets([TEST_SECRET_KEY]));
  if (await hasOtherKeys(database.queries, keyIds))
    throw new Error(
      `latchkey/testing does not use a database that was written with another secretKey: ${database.location}`,
    );
  await system.prepare();
}
