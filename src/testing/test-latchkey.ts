import { type Latchkey, mount } from '../library/mount.ts';
import type { Options } from '../library/options.ts';
import type { Clock } from '../platform/runtime/index.ts';
import { newSecret } from '../platform/settings/index.ts';
import { createEmptyTables, MEMORY_DATABASE } from '../platform/sql/index.ts';
import { createMovableClock, type TestClock } from './clock.ts';
import { composeForTests } from './compose.ts';
import type { TestControls } from './controls.ts';
import { insideOptions } from './inside-options.ts';
import { createTestMails } from './mails.ts';
import { refuseInProduction } from './refusal.ts';
import { createTestUsers } from './users.ts';

/** The options of the application, and the time of the test. */
export type TestOptions<Role extends string = string, Scope extends string = string> = Options<
  Role,
  Scope
> & {
  /** What the clock shows as long as the test does not move it, in milliseconds of UTC; the real time by default. */
  readonly now?: (() => number) | undefined;
};

/** A login system for the tests of an application, and what they control of it. */
export type TestLatchkey<Role extends string = string, Scope extends string = string> = TestControls<Role> & {
  /** The login system, for the application. */
  readonly latchkey: Latchkey<Role, Scope>;
  readonly clock: TestClock;
};

/**
 * Makes a login system in memory, without the cost of hashing, waits or mail: the database, the secrets and the services
 * that the options name are not used.
 * @throws {Error} in production: where `NODE_ENV` says so, or `baseUrl` is not of this machine
 * @throws {SettingsError} when an option is wrong, naming every fault
 */
export function createTestLatchkey<const Role extends string = string, const Scope extends string = string>(
  options?: TestOptions<Role, Scope>,
): TestLatchkey<Role, Scope>;
export function createTestLatchkey({ now = () => Date.now(), ...options }: TestOptions = {}): TestLatchkey {
  refuseInProduction(options);
  const clock = createMovableClock(now);
  const { system, mounting } = composeInMemory(options, clock.now);
  const latchkey = mount(system, mounting);
  const { database, afterAnswer, mail } = system.core;
  let number = 0;
  const users = createTestUsers(system, latchkey.users, () => `user-${++number}`);
  const emptyTables = createEmptyTables(database, KEPT_TABLES);
  /** Until then, the work that requests leave behind, such as mail, may go on. */
  const settled = async () => {
    await latchkey.ready;
    await afterAnswer.settled();
  };
  return {
    latchkey,
    clock,
    user: users.user,
    signIn: async (user, options) => {
      await latchkey.ready;
      return users.signIn(user, options);
    },
    mails: createTestMails({
      list: async () => {
        await settled();
        return mail.mailbox?.list() ?? [];
      },
      waits: async () => false,
    }),
    reset: async () => {
      await settled();
      await emptyTables();
      clock.reset();
    },
    close: latchkey.close,
    [Symbol.asyncDispose]: latchkey.close,
  };
}

function composeInMemory(options: Options, clock: Clock) {
  const inMemory = { databaseUrl: MEMORY_DATABASE, migrate: 'auto', secretKey: newSecret() } as const;
  return composeForTests({ ...insideOptions(options), ...inMemory }, { clock, pause: async () => {} });
}

/** The schema, and tables of which something is known outside the database, too. */
const KEPT_TABLES = ['migrations', 'leases', 'audit_events', 'audit_ends'];
