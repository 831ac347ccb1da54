import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { migrate, openDatabase } from '../../src/platform/sql/index.ts';
import { until } from '../kit/clock.ts';
import { DATABASE_OPTIONS } from '../kit/databases.ts';
import { sharedEngines } from '../kit/system.ts';
import type { AllTables, Database } from '../kit/tables.ts';
import { laterSteps } from './later-steps.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const NODES = 20;

function openNode(url: string, limits = DATABASE_OPTIONS): Database & AsyncDisposable {
  const database = openDatabase<AllTables>(url, limits);
  return { ...database, [Symbol.asyncDispose]: database.close };
}

/** By engine: whether its server reports a connection that has waited for the lock on the schema for two seconds. */
const HAS_WAITED: Readonly<Record<string, string>> = {
  PostgreSQL: `select 1 from pg_stat_activity where datname = current_database()
    and wait_event = 'advisory' and now() - query_start > interval '2 seconds'`,
  MariaDB: `select 1 from information_schema.processlist where db = database()
    and state = 'User lock' and time_ms > 2000`,
};

// Waiting for a lock on a file blocks the process, so each node needs a process of its own there (tests/process).
for (const engine of sharedEngines) {
  const hasWaited = HAS_WAITED[engine.name];

  describe(`the schema lock (${engine.name})`, () => {
    it(`lets ${NODES} nodes that start at the same time apply each schema step once`, async () => {
      await using empty = await engine.create();
      await using stack = new AsyncDisposableStack();
      const nodes = Array.from({ length: NODES }, () => stack.use(openNode(empty.url)));
      const applied = await Promise.all(nodes.map((node) => migrate(node, laterSteps, NOW)));
      assert.deepEqual(applied.flat(), laterSteps);
    });

    // A cluster has a lease instead (galera.test.ts).
    if (hasWaited === undefined) return;

    it('makes a node wait for another that changes the schema, even longer than the statement timeout', async () => {
      await using empty = await engine.create();
      await using first = openNode(empty.url);
      await using watcher = openNode(empty.url);
      const impatient = { ...DATABASE_OPTIONS, connectTimeout: 1_000, statementTimeout: 200 };
      await using second = openNode(empty.url, impatient);
      const waiting = await first.withSchemaLock(async () => {
        const migration = migrate(second, laterSteps, NOW);
        const isWaiting = async () => (await sql.raw(hasWaited).execute(watcher.queries)).rows.length > 0;
        await Promise.race([migration, until('the second has waited long', isWaiting)]);
        return { migration };
      });
      assert.deepEqual(await waiting.migration, laterSteps);
    });
  });
}
