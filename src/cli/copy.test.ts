import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DATABASE_OPTIONS, onEveryDatabase, servers } from '../../tests/kit/databases.ts';
import { runCommands } from '../../tests/kit/processes.ts';
import { insertUnusualRows } from '../../tests/kit/rows.ts';
import type { AllTables } from '../../tests/kit/tables.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';
import { migrations } from '../latchkey.ts';
import { migrate, openDatabase } from '../platform/sql/index.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const PASSWORD = 'seven%20secrets';

async function fill(url: string): Promise<void> {
  const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
  await migrate(database, migrations, NOW);
  await insertUnusualRows(database, NOW);
  await database.close();
}

const inFolder = (folder: string, name: string): string => `sqlite:${join(folder, name)}`;

/** The same address for a database user without privileges. */
function asUnprivilegedUser(url: string): string {
  const changed = new URL(url);
  changed.username = 'intruder';
  changed.password = PASSWORD;
  return changed.href;
}

onEveryDatabase('latchkey copy', (engine) => {
  it('reports its progress and its result, and refuses to copy again', async () => {
    using folder = temporaryFolder();
    await using empty = await engine.create();
    await fill(inFolder(folder.path, 'source.db'));
    writeFileSync(join(folder.path, 'target.url'), `${empty.url}\n`);
    const words = ['copy', '--from', 'sqlite:source.db', '--to-file', 'target.url'];
    const [done, again] = await runCommands(folder.path, [words, [...words, '--json']]);
    assert.equal(done?.status, 0, done?.stderr);
    assert.match(
      String(done?.stdout),
      /^\/.*\/source\.db → .*\naccounts: 1,203 rows, 1,203 of them copied now\n/,
    );
    assert.match(
      String(done?.stdout),
      /\nleases: left out; .*\nVerified: both databases hold the same\.\n$/s,
    );
    const progress = String(done?.stderr).split('\n');
    assert.match(String(progress[0]), /^Copying accounts: \d+ % \(1,000 of 3,\d{3} rows\)$/);
    assert.match(String(progress.at(-2)), /^Verifying counters: 100 % \(6,\d{3} of 6,\d{3} rows\)$/);
    assert.deepEqual([again?.status, again?.stdout], [1, '']);
    assert.match(String(again?.stderr), /^target: is not empty \(.*\); give an empty database\n$/);
  });
});

for (const engine of servers) {
  describe(`latchkey copy (${engine.name})`, () => {
    it('reports a refused database user in one line without the password', async () => {
      using folder = temporaryFolder();
      await using empty = await engine.create();
      const url = asUnprivilegedUser(empty.url);
      writeFileSync(join(folder.path, 'intruder.url'), url);
      await fill(inFolder(folder.path, 'source.db'));
      const unreachable = new URL(url);
      unreachable.port = '1';
      const lines = [
        ['copy', '--from', 'sqlite:source.db', '--to', url],
        ['copy', '--from-file', 'intruder.url', '--to', 'sqlite:new.db'],
        ['copy', '--from', unreachable.href, '--to', 'sqlite:new.db', '--json'],
      ];
      const expected = [
        /^target: .* refuses this user.*\n$/,
        /^source: .* refuses this user.*\n$/,
        /^source: nothing answers at .*127\.0\.0\.1:1; .*\n$/,
      ];
      for (const [position, { status, stdout, stderr }] of (
        await runCommands(folder.path, lines)
      ).entries()) {
        assert.deepEqual([status, stdout], [1, '']);
        assert.match(stderr, expected[position] ?? /^$/);
        for (const secret of ['intruder', PASSWORD, 'seven secrets'])
          assert.ok(!stderr.includes(secret), stderr);
      }
    });
  });
}

describe('latchkey copy', () => {
  it('exits with 0 only if both databases are equal, and lists their rows with --json', async () => {
    using folder = temporaryFolder();
    for (const name of ['source.db', 'half.db']) await fill(inFolder(folder.path, name));
    await takeForUnfinishedCopy(folder.path);
    const words = (to: string) => ['copy', '--from', 'sqlite:source.db', '--to', `sqlite:${to}`, '--json'];
    const [whole, half] = await runCommands(folder.path, [words('new.db'), words('half.db')]);
    const results = [whole, half].map((ending) => JSON.parse(String(ending?.stdout)));
    const reported = results.map(({ verified, resumed, from }) => ({ verified, resumed, from }));
    const from = join(folder.path, 'source.db');
    assert.deepEqual(reported, [
      { verified: true, resumed: false, from },
      { verified: false, resumed: true, from },
    ]);
    const counters = results.map(({ tables }) =>
      tables.find(({ name }: { name: string }) => name === 'counters'),
    );
    const rows = counters.map(({ source, target }) => [source.rows, target.rows]);
    assert.deepEqual(rows, [
      [4, 4],
      [4, 3],
    ]);
    assert.deepEqual([whole?.status, half?.status], [0, 1]);
    assert.match(String(half?.stderr), /\nsource and target differ in counters; .* copy again\n$/);
  });

  it('exits with 64 unless source and target are each given exactly once', async () => {
    using folder = temporaryFolder();
    const lines = [
      ['copy'],
      ['copy', '--from', 'sqlite:a.db'],
      ['copy', '--from', 'sqlite:a.db', '--to', 'sqlite:b.db', '--to-file', 'b.url'],
      ['copy', '--from-file', 'missing.url', '--to', 'sqlite:b.db'],
    ];
    const expected = [
      /^Give either --from URL or --from-file PATH\. See: latchkey copy --help\n$/,
      /^Give either --to URL or --to-file PATH\. See: latchkey copy --help\n$/,
      /^Give either --to URL or --to-file PATH\. See: latchkey copy --help\n$/,
      /^--from-file names a file that cannot be read; give the path of one\n$/,
    ];
    for (const [position, { status, stdout, stderr }] of (await runCommands(folder.path, lines)).entries()) {
      assert.deepEqual([status, stdout], [64, '']);
      assert.match(stderr, expected[position] ?? /^$/);
    }
    assert.deepEqual(readdirSync(folder.path), []);
  });
});

/** As if a copy had been killed before the comparison, and a row had been changed since. */
async function takeForUnfinishedCopy(folder: string): Promise<void> {
  const database = openDatabase<AllTables>(inFolder(folder, 'half.db'), DATABASE_OPTIONS);
  const name = `copy of ${createHash('sha256').update(join(folder, 'source.db')).digest('hex')}`;
  await database.queries.insertInto('migrations').values({ number: 0, name, applied_at: NOW }).execute();
  await database.queries.deleteFrom('counters').where('count', '=', 1).execute();
  await database.close();
}
