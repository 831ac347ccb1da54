import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { migrations } from '../../src/latchkey.ts';
import { isFullRun, onEveryDatabase } from '../kit/databases.ts';
import { runLatchkey, startServerProcess } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';

const PROCESSES = isFullRun ? 8 : 4;

onEveryDatabase('several processes on one new database', (engine) => {
  it('apply each schema step once', async () => {
    await using empty = await engine.create();
    using folder = temporaryFolder();
    const start = () => runLatchkey(folder.path, ['migrate', '--json'], { DATABASE_URL: empty.url });
    const endings = await Promise.all(Array.from({ length: PROCESSES }, start));
    for (const { status, stderr } of endings) assert.equal(status, 0, stderr);
    const applied = endings.flatMap(({ stdout }) => JSON.parse(stdout));
    assert.deepEqual(
      applied,
      migrations.map(({ number, name }) => ({ number, name })),
    );
  });
});

describe('two servers that start on one new database file', () => {
  it('share the secret and the sessions', async () => {
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
