import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { runLatchkey, startServerProcess } from '../support/latchkey-process.ts';
import { ADA } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('several processes on one new database', () => {
  it('apply each step of the schema once', async () => {
    using folder = temporaryFolder();
    const endings = await Promise.all(
      Array.from({ length: 8 }, () => runLatchkey(folder.path, ['migrate', '--json'])),
    );
    for (const { status, stderr } of endings) assert.equal(status, 0, stderr);
    const applied = endings.flatMap(({ stdout }) => JSON.parse(stdout));
    assert.equal(new Set(applied.map(({ number }) => number)).size, applied.length);
    assert.ok(applied.length > 0);
  });

  it('share the secret and the sessions, whoever of them came first', async () => {
    using folder = temporaryFolder();
    await using first = await startServerProcess(folder.path);
    await using second = await startServerProcess(folder.path);
    const ada = first.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const elsewhere = second.visitor();
    for (const [name, value] of ada.cookies) elsewhere.cookies.set(name, value);
    assert.match((await elsewhere.get('/api/session')).body, /"username":"Ada"/);
    assert.equal((await elsewhere.signOut()).status, 303);
    assert.equal((await ada.get('/api/session')).status, 401, 'signed out on one, refused on the other');
  });
});

describe('latchkey migrate', () => {
  it('refuses a database that a newer version made, in one line, and so does serve', async () => {
    using folder = temporaryFolder();
    assert.equal((await runLatchkey(folder.path, ['migrate'])).status, 0);
    using database = new DatabaseSync(join(folder.path, 'data/latchkey.db'));
    database.exec("INSERT INTO schema_migrations VALUES (999, 'from the future', 0)");
    for (const verb of ['migrate', 'serve']) {
      const { status, stdout, stderr } = await runLatchkey(folder.path, [verb]);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(
        stderr,
        /^DATABASE_URL: the database was made by a newer Latchkey \(schema step 999\).*\n$/,
      );
    }
  });
});
