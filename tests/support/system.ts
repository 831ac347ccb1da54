import type { Event, Origin } from '../../src/core/events.ts';
import { createPeppers } from '../../src/features/passwords/index.ts';
import { composeSystem, type Ports, type System } from '../../src/latchkey.ts';
import { settingsFromOptions } from '../../src/settings.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { type CountingHasher, createCountingHasher } from './counting-hasher.ts';
import { type Engine, engines } from './databases.ts';
import { createVisitor, type Visitor } from './visitor.ts';

export const SECRET_KEY = 'Zm9yIHRlc3RzIG9ubHkgYW5kIG5vdGhpbmcgZWxzZSE';

/** A whole system on an empty database, with everything of the outside in the test's hands. */
export type TestSystem = AsyncDisposable & {
  readonly system: System;
  readonly origin: string;
  readonly databaseUrl: string;
  readonly clock: TestClock;
  readonly hasher: CountingHasher;
  readonly events: readonly (Event & Origin)[];
  readonly logLines: readonly string[];
  /** For how long a request was let wait, each time, in milliseconds; no time passes. */
  readonly pauses: readonly number[];
  readonly fetch: (request: Request) => Promise<Response>;
  /** A browser of its own, with its own cookies. */
  readonly visitor: () => Visitor;
  /** The same from a network address. */
  readonly visitorFrom: (address: string) => Visitor;
};

export type TestOptions = Parameters<typeof settingsFromOptions>[0];

/** Starts a system; `await using` ends it. Options are those of `createLatchkey`. */
export async function startSystem(
  options: TestOptions = {},
  engine: Engine | undefined = engines[0],
  ports: Pick<Ports, 'features' | 'metrics' | 'sendMail' | 'sites'> = {},
): Promise<TestSystem> {
  if (engine === undefined) throw new Error('there is no engine to test on');
  const database = await engine.create();
  const settings = settingsFromOptions({ secretKey: SECRET_KEY, databaseUrl: database.url, ...options });
  const clock = createTestClock();
  const hasher = createCountingHasher(createPeppers(settings.passwordPepper ?? []));
  const events: (Event & Origin)[] = [];
  const logLines: string[] = [];
  const pauses: number[] = [];
  const system = composeSystem(settings, {
    clock: clock.read,
    pause: async (milliseconds) => void pauses.push(milliseconds),
    hasher,
    metrics: null,
    observers: [(event, origin) => events.push({ ...event, ...origin })],
    logDestination: { write: (line) => logLines.push(line) },
    // What a busy machine answers late is no failure.
    breachTimeout: 30_000,
    ...ports,
  });
  await system.prepare().catch(async (error: unknown) => {
    // What does not start must end all the same.
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
