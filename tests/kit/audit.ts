import { createAnnounce, type Event, type Observer } from '../../src/composition/announce.ts';
import { eventDefinitions, migrations } from '../../src/latchkey.ts';
import {
  type AuditTrail,
  createAuditTrail,
  createSeals,
  type Mark,
  type Verification,
  verifyChain,
} from '../../src/platform/audit-log/index.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { createLog } from '../../src/platform/observability/index.ts';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { migrate, openDatabase } from '../../src/platform/sql/index.ts';
import { newId } from '../../src/platform/text/uuid.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { DATABASE_OPTIONS, type Engine } from './databases.ts';
import { SECRET_KEY } from './system.ts';
import type { AllTables, Database } from './tables.ts';

export const OTHER_SECRET = 'b3RoZXIgc2VjcmV0IGZvciB0ZXN0cyBvZiByb3RhdGlvbg';
export const ORIGIN = { requestId: 'a request', address: '192.0.2.7', userAgent: 'a browser' } as const;

/** An audit log that records events when they are announced. */
type Node = Omit<AuditTrail, 'record'> & { readonly record: Observer };

/** A database that contains only audit records. */
export type AuditFixture = AsyncDisposable & {
  readonly database: Database;
  readonly clock: TestClock;
  readonly logLines: readonly string[];
  /** A node that records, with the given secret; it must be closed. */
  readonly node: (secrets?: readonly [string, ...string[]], maxQueued?: number) => Node;
  /** Records `count` sign-ins and waits until they are written. */
  readonly write: (count: number) => Promise<void>;
  readonly verify: (secrets?: readonly [string, ...string[]], expected?: Mark) => Promise<Verification>;
};

export function signIn(now: number): Event {
  return { type: 'signed-in', accountId: newId(now), sessionId: newId(now), method: 'password' };
}

/** Records events that tests name by their type. */
function recordByName(trail: AuditTrail): Observer {
  const announce = createAnnounce(() => {}, trail);
  return ({ type, ...data }, origin) => {
    const event = eventDefinitions.get(type);
    if (event === undefined) throw new Error(`there is no event ${type}`);
    announce(event, data, origin);
  };
}

export async function createAuditFixture(engine: Engine): Promise<AuditFixture> {
  const empty = await engine.create();
  const database = openDatabase<AllTables>(empty.url, DATABASE_OPTIONS);
  const clock = createTestClock();
  const logLines: string[] = [];
  const log = createLog('info', clock.read, { write: (line) => logLines.push(line) });
  await migrate(database, migrations, clock.read());
  const node = (secrets: readonly [string, ...string[]] = [SECRET_KEY], maxQueued = 10_000) => {
    const parts = { database, clock: clock.read, log, retention: 30 * DAY, maxQueued };
    const trail = createAuditTrail({ ...parts, secrets: createSecrets(secrets) });
    return { ...trail, record: recordByName(trail) };
  };
  return {
    database,
    clock,
    logLines,
    node,
    write: async (count) => {
      const trail = node();
      for (let number = 0; number < count; number += 1) trail.record(signIn(clock.read()), ORIGIN);
      await trail.close();
    },
    verify: (secrets = [SECRET_KEY], expected) =>
      verifyChain(database, createSeals(createSecrets(secrets)), expected ?? null),
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await empty[Symbol.asyncDispose]();
    },
  };
}

/** The length of a chain in tests of tampering. */
export const RECORDS = 100;

/** Changes a record without the key. */
export async function tamperWithRecord(
  queries: Database['queries'],
  sequence: number,
  values: Record<string, string | number | Uint8Array>,
): Promise<void> {
  await queries.updateTable('audit_events').set(values).where('sequence', '=', sequence).execute();
}

/** The position and kind of the first fault in the chain; two times undefined if it is intact. */
export async function findFault(fixture: AuditFixture): Promise<readonly unknown[]> {
  const { fault } = await fixture.verify();
  return [fault?.sequence, fault?.kind];
}
