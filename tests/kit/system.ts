import assert from 'node:assert/strict';
import type { Core } from '../../src/auth/core.ts';
import type { Feature } from '../../src/auth/feature.ts';
import type { AccountId } from '../../src/auth/identifiers/ids.ts';
import { createPeppers } from '../../src/features/passwords/index.ts';
import { composeSystem, type Ports, type System } from '../../src/latchkey.ts';
import { createUsers, type Users } from '../../src/library/users.ts';
import { settingsFromOptions } from '../../src/read-settings.ts';
import { openSite, type SiteOptions, tlsOf } from '../../src/server/site.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { type Engine, engines, existingDatabase } from './databases.ts';
import { createEventCollector, type SeenEvent } from './events.ts';
import { EVERYTHING_ON } from './everything-on.ts';
import { type CountingHasher, createCountingHasher } from './hasher.ts';
import type { Database } from './tables.ts';
import { freePort } from './temporary.ts';
import { createVisitor, type Visitor } from './visitor.ts';

export const SECRET_KEY = 'Zm9yIHRlc3RzIG9ubHkgYW5kIG5vdGhpbmcgZWxzZSE';

/** A system whose tables a test may read and prepare, including those of features. */
export type InspectedSystem = Omit<System, 'core'> & {
  readonly core: Omit<Core, 'database'> & { readonly database: Database };
};

/** A complete system on an empty database; tests control everything outside of it. */
export type TestSystem = AsyncDisposable & {
  readonly system: InspectedSystem;
  readonly origin: string;
  readonly databaseUrl: string;
  readonly clock: TestClock;
  readonly hasher: CountingHasher;
  readonly events: readonly SeenEvent[];
  readonly logLines: readonly string[];
  /** The waits of requests, in milliseconds; no time passes. */
  readonly pauses: readonly number[];
  readonly fetch: (request: Request) => Promise<Response>;
  /** A browser with its own cookies. */
  readonly visitor: () => Visitor;
  /** A browser with the given network address. */
  readonly visitorFrom: (address: string) => Visitor;
};

export type TestOptions = Parameters<typeof settingsFromOptions>[0];

/** Starts a system; `await using` ends it. Options are those of `createLatchkey`. */
export async function startSystem(
  options: TestOptions = {},
  engine: Engine | undefined = engines[0],
  ports: Pick<
    Ports,
    'features' | 'languages' | 'metrics' | 'pause' | 'redisTimeout' | 'sendMail' | 'identityProviders'
  > = {},
): Promise<TestSystem> {
  if (engine === undefined) throw new Error('there is no engine to test on');
  const database = await engine.createMigrated();
  // Cookies have the same names on each port.
  const cookiePrefix = 'latchkey';
  // A busy machine is no outage.
  const patience = { databaseConnectTimeout: '60s', databaseStatementTimeout: '60s' };
  const own = { secretKey: SECRET_KEY, databaseUrl: database.url, cookiePrefix, ...patience };
  const settings = settingsFromOptions({ ...own, ...options });
  const clock = createTestClock();
  const hasher = createCountingHasher(createPeppers(settings.passwordPepper ?? []));
  const { events, observe } = createEventCollector();
  const logLines: string[] = [];
  const pauses: number[] = [];
  const system = composeSystem(settings, {
    clock: clock.read,
    pause: async (milliseconds) => void pauses.push(milliseconds),
    hasher,
    metrics: null,
    observers: [observe],
    logDestination: { write: (line) => logLines.push(line) },
    // A late response of a busy machine is no failure.
    breachTimeout: 30_000,
    redisTimeout: 30_000,
    ...ports,
  });
  await system.prepare().catch(async (error: unknown) => {
    // A system that does not start must be closed as well.
    await system.close();
    throw error;
  });
  const { origin } = settings.baseUrl;
  const fetch = async (request: Request) => system.handle(request);
  return {
    system,
    origin,
    databaseUrl: database.url,
    clock,
    hasher,
    events,
    logLines,
    pauses,
    fetch,
    visitor: () => createVisitor(fetch, origin),
    visitorFrom: (remoteAddress) => {
      const connection = { incoming: { socket: { remoteAddress } } };
      return createVisitor(async (request) => system.handle(request, connection), origin);
    },
    [Symbol.asyncDispose]: async () => {
      await system.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The composed features with everything enabled, for the tests that compare what they declare with what they do. */
export function composedFeatures(): readonly Feature[] {
  const system = composeSystem(
    settingsFromOptions({
      databaseUrl: 'sqlite::memory:',
      secretKey: SECRET_KEY,
      logLevel: 'silent',
      ...EVERYTHING_ON,
      githubClientId: 'client',
      githubClientSecret: 'secret',
    }),
  );
  void system.close();
  return system.features;
}

/** A system behind the real server, on a port of this machine. */
export type HttpServer = AsyncDisposable & { readonly system: TestSystem; readonly port: number };

export async function startHttpServer(
  options: TestOptions = {},
  siteOptions: SiteOptions = {},
): Promise<HttpServer> {
  const port = Number(options['port'] ?? (await freePort()));
  const system = await startSystem({ port, host: '127.0.0.1', ...options });
  const site = await openSite(system.system, tlsOf(system.system.core.settings), siteOptions);
  return {
    system,
    port,
    [Symbol.asyncDispose]: async () => {
      await site.close();
      await system[Symbol.asyncDispose]();
    },
  };
}

/** The engines that several nodes can share. */
export const sharedEngines: readonly Engine[] = engines.filter(({ name }) => name !== 'SQLite');

/** Two nodes on one database, with one secret. */
export type TwoNodes = AsyncDisposable & {
  readonly one: TestSystem;
  readonly other: TestSystem;
  /**
   * A browser that alternates between the nodes. The first request of each new browser goes to the other node as well.
   */
  readonly visitor: () => Visitor;
};

export async function startTwoNodes(
  engine: Engine,
  options: TestOptions = {},
  ports: Pick<Ports, 'pause' | 'redisTimeout'> = {},
): Promise<TwoNodes> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await engine.createMigrated());
  const shared = existingDatabase(url);
  const one = stack.use(await startSystem(options, shared, ports));
  const other = stack.use(await startSystem(options, shared, ports));
  const kept = stack.move();
  let visitors = 0;
  return {
    one,
    other,
    visitor: () => {
      let requests = visitors++;
      return createVisitor((request) => (requests++ % 2 === 0 ? one : other).fetch(request), one.origin);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The same browser at another node: it shares the cookies until one of the two gets others. */
export function shareCookies(visitor: Visitor, node: TestSystem): Visitor {
  const there = node.visitor();
  for (const [name, value] of visitor.cookies) there.cookies.set(name, value);
  return there;
}

/** The events of one type, the oldest first. */
export function eventsOf({ events }: TestSystem, type: string) {
  return events.filter((event) => event.type === type);
}

/** The usernames of all accounts. */
export async function usernamesIn({ system }: TestSystem): Promise<readonly string[]> {
  const rows = await system.core.database.queries.selectFrom('accounts').select('username').execute();
  return rows.map(({ username }) => username);
}

/** The password hashes of all accounts. */
export async function storedHashes({ system }: TestSystem): Promise<readonly string[]> {
  const { queries } = system.core.database;
  const rows = await queries.selectFrom('passwords').select('hash').orderBy('account_id').execute();
  return rows.map(({ hash }) => hash);
}

export const OLD_SECRET = 'p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu';
export const NEW_SECRET = 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa';

/** One database, served with one SECRET_KEY after another. */
export async function sharedDatabase(engine: Engine, options: TestOptions = {}) {
  const empty = await engine.create();
  const there = existingDatabase(empty.url);
  return {
    serve: (secretKey: string) => startSystem({ ...options, secretKey }, there),
    [Symbol.asyncDispose]: () => empty[Symbol.asyncDispose](),
  };
}

/**
 * The internals of the system, for what cannot be seen or done over HTTP or by its public functions.
 * @param reason why this test needs them, for its readers
 */
export function reachInside({ system }: TestSystem, reason: string): InspectedSystem {
  if (reason === '') throw new Error('say why');
  return system;
}

/** Delivers the mail that is due. @returns the number of mails */
export function deliverMail({ system }: TestSystem): Promise<number> {
  return system.mailWorker.deliverDue();
}

/**
 * Deletes expired rows, as one of the nodes does each minute. @returns the number of rows; null if another node does it
 */
export function deleteExpired({ system }: TestSystem): Promise<number | null> {
  return system.storage.deleteExpired();
}

/** Waits for the work that requests do after their responses, such as writing a mail. */
export function settleRequests({ system }: TestSystem): Promise<void> {
  return system.core.afterAnswer.settled();
}

/** Waits until every event is in the audit log. */
export function settleAudit({ system }: TestSystem): Promise<void> {
  return system.core.audit.settle();
}

/** The id of an account; null if no account has that name or address. */
export function accountIdOf({ system }: TestSystem, login: string): Promise<AccountId | null> {
  return system.core.accounts.find(login);
}

/** The id of an account that the test has made. */
export async function existingAccountId(system: TestSystem, login: string): Promise<AccountId> {
  const id = await accountIdOf(system, login);
  assert.ok(id !== null, `there is no account ${login}`);
  return id;
}

/** Disables an account, as an operator does while the system is running. */
export async function disableAccount(system: TestSystem, login: string): Promise<void> {
  await system.system.core.lifecycle.disable(await existingAccountId(system, login), {
    now: system.clock.read(),
  });
}

/** The users as an application sees them. */
export function usersOf({ system }: TestSystem): Users {
  return createUsers(system, Promise.resolve());
}
