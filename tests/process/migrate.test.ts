import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { migrations } from '../../src/latchkey.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { runCommand, startServerProcess } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/temporary.ts';

const ALL = migrations.map(({ number, name }) => ({ number, name }));

onEveryDatabase('latchkey serve with MIGRATE=manual', (engine) => {
  it('does not start on an older schema, says which command to run, and changes nothing', async () => {
    await using empty = await engine.create();
    using folder = temporaryFolder();
    const environment = { DATABASE_URL: empty.url, MIGRATE: 'manual' };
    const steps = async () =>
      JSON.parse((await runCommand(folder.path, ['migrate', '--status', '--json'], environment)).stdout);
    const { status, stdout, stderr } = await runCommand(folder.path, ['serve'], environment);
    const lacking = ALL.map(({ number }) => number).join(', ');
    const words = `the database lacks schema step ${lacking}, and MIGRATE is manual; run: latchkey migrate --up`;
    assert.deepEqual([status, stdout, stderr], [1, '', `DATABASE_URL: ${words}\n`]);
    assert.deepEqual(
      await steps(),
      ALL.map((step) => ({ ...step, appliedAt: null })),
    );
  });

  it('starts once latchkey migrate --up has run', async () => {
    await using empty = await engine.create();
    using folder = temporaryFolder();
    const environment = { DATABASE_URL: empty.url, MIGRATE: 'manual' };
    const up = await runCommand(folder.path, ['migrate', '--up', '--json'], environment);
    assert.deepEqual(JSON.parse(up.stdout), ALL, up.stderr);
    const again = await runCommand(folder.path, ['migrate', '--up'], environment);
    assert.equal(again.stdout, 'The database is up to date.\n');
    await using server = await startServerProcess(folder.path, environment);
    assert.equal((await server.visitor().get('/readyz')).status, 200);
  });
});

describe('latchkey migrate', () => {
  it('creates no file with --status when there is no database yet', async () => {
    using folder = temporaryFolder();
    const { status, stdout } = await runCommand(folder.path, ['migrate', '--status']);
    assert.equal(status, 0);
    assert.match(stdout, /^1 {2}initial schema: pending$/m);
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('refuses a database of a newer version with one line, and so does latchkey serve', async () => {
    using folder = temporaryFolder();
    assert.equal((await runCommand(folder.path, ['migrate'])).status, 0);
    using database = new DatabaseSync(join(folder.path, 'data/latchkey.db'));
    database.exec("INSERT INTO migrations VALUES (999, 'from the future', 0)");
    for (const verb of ['migrate', 'serve']) {
      const { status, stdout, stderr } = await runCommand(folder.path, [verb]);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(
        stderr,
        /^DATABASE_URL: the database was made by a newer Latchkey \(schema step 999\).*\n$/,
      );
    }
  });
});
