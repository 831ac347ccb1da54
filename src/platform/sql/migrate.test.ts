import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compatibleStep, laterSteps } from '../../../tests/databases/later-steps.ts';
import { DATABASE_OPTIONS, onEveryDatabase, type TestDatabase } from '../../../tests/kit/databases.ts';
import { runLatchkey } from '../../../tests/kit/processes.ts';
import type { AllTables, Database } from '../../../tests/kit/tables.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { migrations } from '../../latchkey.ts';
import { DatabaseStartError } from './database.ts';
import { checkSchema, migrate, migrationStatus } from './migrate.ts';
import { openDatabase } from './open.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

function opened({ url }: TestDatabase): AsyncDisposable & { readonly database: Database } {
  const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
  return { database, [Symbol.asyncDispose]: database.close };
}

const TABLES = ['accounts', 'leases', 'migrations', 'passwords', 'test_notes'];

async function tablesOf({ queries, catalog }: Database): Promise<readonly string[]> {
  return (await catalog.findExisting(queries, TABLES)).toSorted();
}

onEveryDatabase('the schema', (engine) => {
  it('is migrated step by step, each step once', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    assert.deepEqual(await migrate(open.database, laterSteps, NOW), laterSteps);
    assert.deepEqual(await migrate(open.database, laterSteps, NOW + 1), []);
    assert.deepEqual(
      await migrationStatus(open.database, laterSteps),
      laterSteps.map(({ number, name }) => ({ number, name, appliedAt: NOW })),
    );
  });

  it('has steps that are numbered from one without a gap', () => {
    assert.deepEqual(
      laterSteps.map(({ number }) => number),
      laterSteps.map((_, position) => position + 1),
    );
  });

  it('fails the check if it lacks a step, which the error names, and is not changed', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    await migrate(open.database, migrations, NOW);
    await checkSchema(open.database, migrations);
    await assert.rejects(checkSchema(open.database, laterSteps), {
      name: 'DatabaseStartError',
      message: `DATABASE_URL: the database lacks schema step ${compatibleStep.number}, and MIGRATE is manual; run: latchkey migrate --up`,
    });
    const status = await migrationStatus(open.database, laterSteps);
    assert.deepEqual(
      status.map(({ appliedAt }) => appliedAt),
      [...migrations.map(() => NOW), null],
    );
  });

  it('is not changed by reading its status', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    const status = await migrationStatus(open.database, migrations);
    assert.ok(status.length > 0);
    for (const { name, appliedAt } of status) assert.equal(appliedAt, null, name);
    assert.deepEqual(await tablesOf(open.database), []);
  });

  it('is neither used nor changed if it is of a newer version', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    await migrate(open.database, migrations, NOW);
    const newer = { number: 999, name: 'from the future', applied_at: NOW };
    await open.database.queries.insertInto('migrations').values(newer).execute();
    const before = await tablesOf(open.database);
    for (const use of [
      () => migrate(open.database, migrations, NOW),
      () => migrationStatus(open.database, migrations),
    ]) {
      await assert.rejects(use, (error: Error) => {
        assert.ok(error instanceof DatabaseStartError);
        assert.match(
          error.message,
          /^DATABASE_URL: .* newer Latchkey \(schema step 999\); run that version or .*$/,
        );
        return true;
      });
    }
    assert.deepEqual(await tablesOf(open.database), before);
  });

  it('is created by one of two processes that start at once, while the other waits', async () => {
    await using empty = await engine.create();
    using folder = temporaryFolder();
    const start = () => runLatchkey(folder.path, ['migrate', '--json'], { DATABASE_URL: empty.url });
    const endings = await Promise.all([start(), start()]);
    for (const { status, stderr } of endings) assert.equal(status, 0, stderr);
    const applied = endings.map(({ stdout }) => JSON.parse(stdout).length);
    assert.equal(Math.min(...applied), 0);
    await using open = opened(empty);
    assert.equal(Math.max(...applied), (await migrationStatus(open.database, migrations)).length);
  });
});
