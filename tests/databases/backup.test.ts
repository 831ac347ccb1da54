import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { engines, existingDatabase, servers } from '../kit/databases.ts';
import { runCommand, runProgram } from '../kit/processes.ts';
import { insertUnusualRows, readContent } from '../kit/rows.ts';
import { reachInside, SECRET_KEY, settleAudit, startSystem, type TestSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const databaseOf = (system: TestSystem) =>
  reachInside(system, 'no page makes or shows every kind of row').core.database;

const DUMPED = /^Nothing was made: .*\n {2}(umask 077; (?:pg_dump|mariadb-dump) .*)\n$/;

/** How the output of the tool is restored, into an existing, empty database. */
function restoreCommand(url: string, file: string): string {
  const { hostname, port, username, pathname, protocol } = new URL(url);
  const server = `--host=${hostname} --port=${port}`;
  return protocol === 'postgres:'
    ? `pg_restore --no-owner --exit-on-error ${server} --username=${username} --dbname=${pathname.slice(1)} ${file}`
    : `mariadb --default-character-set=utf8mb4 ${server} --user=${username} ${pathname.slice(1)} < ${file}`;
}

describe('latchkey backup', () => {
  it('writes a file that can replace the database as it was at that moment', async () => {
    using folder = temporaryFolder();
    await using origin = await startSystem({}, engines[0]);
    const ada = origin.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    await settleAudit(origin);
    const environment = { DATABASE_URL: origin.databaseUrl, SECRET_KEY };
    const made = await runCommand(folder.path, ['backup', 'monday.db', '--json'], environment);
    assert.equal(made.status, 0, made.stderr);
    const file = join(folder.path, 'monday.db');
    assert.deepEqual(JSON.parse(made.stdout), { made: true, file, bytes: statSync(file).size });
    assert.deepEqual(readdirSync(folder.path), ['monday.db']);
    const again = await runCommand(folder.path, ['backup', 'monday.db'], environment);
    assert.deepEqual([again.status, again.stdout], [1, '']);
    assert.match(again.stderr, /^.*monday\.db is there already; --force replaces it\n$/);
    await origin.visitor().register(BEN.username, BEN.password);

    const backup = { DATABASE_URL: `sqlite:${file}`, SECRET_KEY };
    const verified = await runCommand(folder.path, ['audit', 'verify'], backup);
    assert.match(verified.stdout, /^Intact: 2 records\./);
    await using restored = await startSystem({}, existingDatabase(`sqlite:${file}`));
    const elsewhere = restored.visitor();
    for (const [name, value] of ada.cookies) elsewhere.cookies.set(name, value);
    assert.equal((await elsewhere.get('/api/session')).status, 200);
    assert.equal((await restored.visitor().signIn(ADA.username, ADA.password)).status, 303);
    assert.equal((await restored.visitor().signIn(BEN.username, BEN.password)).status, 401, 'he came later');
  });
});

for (const engine of servers) {
  describe(`latchkey backup (${engine.name})`, () => {
    it('writes no file, says so, and prints a dump command without credentials', async () => {
      await using origin = await startSystem({}, engine);
      using folder = temporaryFolder();
      await insertUnusualRows(databaseOf(origin), origin.clock.read());
      const { username, password } = new URL(origin.databaseUrl);
      const environment = { DATABASE_URL: origin.databaseUrl, SECRET_KEY, MYSQL_PWD: password };
      const refused = await runCommand(folder.path, ['backup', "Ada's.dump"], environment);
      assert.deepEqual([refused.status, refused.stdout, readdirSync(folder.path)], [69, '', []]);
      assert.ok(password === '' || !refused.stderr.includes(password));
      const [, command = ''] = DUMPED.exec(refused.stderr) ?? [];
      // The tool would prompt for the password; here it is in the environment.
      const shell = (text: string) =>
        runProgram(['-c', text], { folder: folder.path, environment, command: 'sh' });
      const dumped = await shell(command.replace('USER', username).replace(' --password', ''));
      assert.equal(dumped.status, 0, dumped.stderr);
      assert.equal(statSync(join(folder.path, "Ada's.dump")).mode & 0o777, 0o600);

      await using empty = await engine.create();
      const restored = await shell(restoreCommand(empty.url, '"Ada\'s.dump"'));
      assert.equal(restored.status, 0, restored.stderr);
      await using system = await startSystem({}, existingDatabase(empty.url));
      assert.deepEqual(await readContent(databaseOf(system)), await readContent(databaseOf(origin)));
    });
  });
}
