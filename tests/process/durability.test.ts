import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { isFullRun } from '../kit/databases.ts';
import { type ServerProcess, startServerProcess } from '../kit/processes.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { newAddress } from '../kit/visitor.ts';

/** Each of the three kinds of end, at each of its six steps, once. */
const KILLS = isFullRun ? 54 : 18;
const STREAMS = 4;
/** The minimum in a process of its own; a slower hash would only make the rounds longer. */
const ENVIRONMENT = { PASSWORD_HASH: 'm=19456,t=2,p=1', TRUSTED_PROXIES: '127.0.0.0/8,::1/128' };

type Registration = { readonly name: string; readonly password: string };

/** The progress of a round: requests sent, responses received, and writes to the database's log. */
type Progress = { sent: number; acknowledged: number; written: number };

/** Depending on the round, the end comes with a response, with a request, or in the middle of a commit. */
function isTimeToKill(round: number, { sent, acknowledged, written }: Progress): boolean {
  const step = 1 + (Math.floor(round / 3) % 6);
  const progress = [acknowledged, sent, written][round % 3] ?? 0;
  return progress >= step;
}

/** Registers users in several streams until the process is killed; returns those whose registration was confirmed. */
async function registerUntilKilled(
  server: ServerProcess,
  log: string,
  round: number,
): Promise<Registration[]> {
  const progress: Progress = { sent: 0, acknowledged: 0, written: 0 };
  const registered: Registration[] = [];
  let isKilled = false;
  const advance = (what: keyof Progress) => {
    progress[what] += 1;
    if (isKilled || !isTimeToKill(round, progress)) return;
    isKilled = true;
    server.program.send('SIGKILL');
  };
  const stream = async (_: unknown, number: number) => {
    for (let turn = 0; !isKilled; turn += 1) {
      const name = `Round ${round} stream ${number} turn ${turn}`;
      const user = { name, password: `a passphrase for ${name}` };
      const visitor = server.visitor();
      const csrf = await visitor.token('/register');
      // From an address of its own: a process that died does not return the permit of a registration.
      const from = { 'x-forwarded-for': newAddress() };
      const fields = { csrf, username: user.name, password: user.password };
      const answer = visitor.post('/register', fields, from);
      advance('sent');
      const { status, body } = await answer;
      assert.equal(status, 303, body);
      registered.push(user);
      advance('acknowledged');
    }
  };
  const watch = async () => {
    for (let time = lastWrite(log); !isKilled; await new Promise(setImmediate)) {
      const before = time;
      time = lastWrite(log);
      if (time !== before) advance('written');
    }
  };
  const unlessKilled = (error: unknown) => {
    // fetch fails with TypeErrors.
    if (!isKilled || !(error instanceof TypeError)) throw error;
  };
  const streams = Array.from({ length: STREAMS }, stream).map((all) => all.catch(unlessKilled));
  await Promise.all([...streams, watch()]);
  await server.program.ended;
  return registered;
}

function lastWrite(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

async function signIn(server: ServerProcess, { name, password }: Registration): Promise<void> {
  assert.equal((await server.visitor().signIn(name, password)).status, 303, name);
}

describe('latchkey serve on SQLite', () => {
  it(`keeps every confirmed registration through ${KILLS} kills`, async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'data/latchkey.db');
    const users: Registration[] = [];
    let latest: Registration[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      await using server = await startServerProcess(folder.path, ENVIRONMENT);
      await Promise.all(latest.map((user) => signIn(server, user)));
      latest = await registerUntilKilled(server, `${file}-wal`, round);
      users.push(...latest);
    }
    await using server = await startServerProcess(folder.path, ENVIRONMENT);
    await Promise.all(latest.map((user) => signIn(server, user)));
    using database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare('select username from accounts join passwords on account_id = id').all();
    const names = new Set(rows.map(({ username }) => username));
    for (const { name } of users) assert.ok(names.has(name), name);
    const { accounts } = database.prepare('select count(*) as accounts from accounts').get() ?? {};
    assert.equal(accounts, rows.length, 'nobody is half registered');
    assert.ok(users.length >= KILLS, `${users.length} registrations put to the test`);
    assert.deepEqual({ ...database.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' });
  });
});
