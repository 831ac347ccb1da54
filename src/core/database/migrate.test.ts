import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type EmptyDatabase, onEveryDatabase, POOL_LIMITS } from '../../../tests/support/databases.ts';
import { runLatchkey } from '../../../tests/support/latchkey-process.ts';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { type Database, DatabaseStartError } from './database.ts';
import { migrate, migrationStatus } from './migrate.ts';
import { openDatabase } from './open.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

function opened({ url }: EmptyDatabase): AsyncDisposable & { readonly database: Database } {
  const database = openDatabase(url, POOL_LIMITS);
  return { database, [Symbol.asyncDispose]: database.close };
}

async function tablesOf({ queries }: Database): Promise<readonly string[]> {
  return (await queries.introspection.getTables()).map(({ name }) => name).sort();
}

onEveryDatabase('the schema', (engine) => {
  it('is brought up to date step by step, each step once', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    const numbers = (await migrate(open.database, NOW)).map(({ number }) => number);
    assert.deepEqual(
      numbers,
      numbers.map((_, position) => position + 1),
      'from the first on, none left out',
    );
    assert.deepEqual(await migrate(open.database, NOW + 1), []);
    const status = await migrationStatus(open.database);
    assert.deepEqual(
      status.map(({ number, appliedAt }) => ({ number, appliedAt })),
      numbers.map((number) => ({ number, appliedAt: NOW })),
    );
  });

  it('is not changed by asking how far it is', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    const status = await migrationStatus(open.database);
    assert.ok(status.length > 0);
    for (const { name, appliedAt } of status) assert.equal(appliedAt, null, name);
    assert.deepEqual(await tablesOf(open.database), []);
  });

  it('of a newer version is neither used nor changed', async () => {
    await using empty = await engine.create();
    await using open = opened(empty);
    await migrate(open.database, NOW);
    const newer = { number: 999, name: 'from the future', applied_at: NOW };
    await open.database.queries.insertInto('schema_migrations').values(newer).execute();
    const before = await tablesOf(open.database);
    for (const use of [() => migrate(open.database, NOW), () => migrationStatus(open.database)]) {
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

  it('is made by one of two processes that start at once, while the other waits', async () => {
    await using empty = await engine.create();
    using folder = temporaryFolder();
    const start = () => runLatchkey(folder.path, ['migrate', '--json'], { DATABASE_URL: empty.url });
    const endings = await Promise.all([start(), start()]);
    for (const { status, stderr } of endings) assert.equal(status, 0, stderr);
    const applied = endings.map(({ stdout }) => JSON.parse(stdout).length);
    assert.equal(Math.min(...applied), 0);
    await using open = opened(empty);
    assert.equal(Math.max(...applied), (await migrationStatus(open.database)).length);
  });
});
