import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCommand, runLatchkey, startServerProcess } from '../kit/processes.ts';
import { freePort, occupy, temporaryFolder } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';

/** A sign-in whose last byte is still to come: a request under way for as long as the test needs. */
async function requestUnderWay(port: number) {
  const socket = connect(port, 'localhost');
  socket.setEncoding('utf8');
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const head = [
    'POST /login HTTP/1.1',
    'Host: localhost',
    'Sec-Fetch-Site: same-origin',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 6',
    'Expect: 100-continue',
    '',
    '',
  ];
  socket.write(`${head.join('\r\n')}csrf=`);
  // The server confirms that it has read the head, so the request has begun.
  await once(socket, 'data');
  return {
    finish: async () => {
      socket.write('x');
      await once(socket, 'close');
      return received;
    },
    drop: () => socket.destroy(),
  };
}

describe('latchkey serve', () => {
  it('creates a database and a secret that only this user can read, and prints its address and data path', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    const data = join(folder.path, 'data');
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    assert.equal(modeOf(data), 0o700);
    assert.equal(modeOf(join(data, 'latchkey.db')), 0o600);
    assert.equal(modeOf(join(data, 'secret.key')), 0o600);
    assert.equal((await server.visitor().get('/metrics')).status, 404, 'they have a port of their own');
    server.program.send('SIGTERM');
    const { stdout } = await server.program.ended;
    assert.match(stdout, new RegExp(`Latchkey is at http://localhost:${server.port}\n`));
    assert.match(stdout, /Its data lies in .*latchkey\.db\n/);
    assert.match(stdout, /^Latchkey is at /, 'nothing comes before the address');
  });

  it('keeps users signed in across a restart', async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    await using first = await startServerProcess(folder.path, {}, { port });
    const ada = first.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const csrf = await ada.token('/dashboard');
    first.program.send('SIGTERM');
    await first.program.ended;
    await using second = await startServerProcess(folder.path, {}, { port });
    assert.match((await ada.get('/api/session')).body, /"username":"Ada"/);
    assert.equal((await ada.post('/logout', { csrf })).status, 303, 'an open form still works');
    await second[Symbol.asyncDispose]();
  });

  it('keeps a confirmed registration when it is killed', async () => {
    using folder = temporaryFolder();
    await using first = await startServerProcess(folder.path);
    assert.equal((await first.visitor().register(ADA.username, ADA.password)).status, 303);
    first.program.send('SIGKILL');
    await first.program.ended;
    await using second = await startServerProcess(folder.path);
    assert.equal((await second.visitor().signIn(ADA.username, ADA.password)).status, 303);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`finishes the request under way on ${signal}, accepts no new one, and closes the database`, async () => {
      using folder = temporaryFolder();
      await using server = await startServerProcess(folder.path);
      const request = await requestUnderWay(server.port);
      server.program.send(signal);
      await refusesConnections(server.port);
      assert.match(await request.finish(), /HTTP\/1\.1 403 /);
      assert.equal((await server.program.ended).status, 0);
      assert.equal(existsSync(join(folder.path, 'data/latchkey.db-wal')), false, 'the log was written back');
    });
  }

  it('exits at once on a second signal', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    const request = await requestUnderWay(server.port);
    // A terminal that is closed may send both.
    server.program.send('SIGHUP');
    await refusesConnections(server.port);
    // A signal within a fifth of a second counts as an echo, so it is sent until it has an effect.
    const again = setInterval(() => server.program.send('SIGINT'), 20);
    const { status } = await server.program.ended;
    clearInterval(again);
    request.drop();
    assert.equal(status, 130);
  });

  it('says in one line that the port is already in use', async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    await using _ = await occupy(port);
    const { status, stderr } = await runCommand(folder.path, ['serve'], { PORT: String(port) });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^PORT: ${port} is already in use on 127\\.0\\.0\\.1; .*\n$`));
  });

  it('ends with the status of wrong settings if HOST is no address of this machine', async () => {
    using folder = temporaryFolder();
    const { status, stderr } = await runCommand(folder.path, ['serve'], {
      LATCHKEY_HOST: '192.0.2.1',
      HOST: 'x86_64-conda-linux-gnu',
      PORT: String(await freePort()),
    });
    assert.equal(status, 78);
    assert.match(
      stderr,
      /^HOST: 192\.0\.2\.1 is no address of this machine; set HOST .*LATCHKEY_HOST, which is read first\n$/,
    );
  });

  it('says in one line that its data folder cannot be used', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'data'), 'a file where the folder should be');
    const withKey = await runCommand(folder.path, ['serve'], {
      SECRET_KEY: 'q7V0d2hlbiB0aGUgbW9vbiBpcyBsb3cgYW5kIGdv',
    });
    assert.equal(withKey.status, 1);
    assert.match(
      withKey.stderr,
      /^DATABASE_URL: cannot open the database file \S+\/data\/latchkey\.db \(.*\)\n$/,
    );
    const withoutKey = await runCommand(folder.path, ['serve']);
    assert.equal(withoutKey.status, 78);
    assert.match(withoutKey.stderr, /^SECRET_KEY: in data\/secret\.key cannot be kept \(.*\n$/);
  });

  it('says in one line that a file is not a database', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'x.db');
    writeFileSync(file, 'this is no database, though it is long enough to be mistaken for one '.repeat(20));
    const notOne = await runCommand(folder.path, ['serve'], { DATABASE_URL: `sqlite:${file}` });
    assert.equal(notOne.status, 1);
    assert.match(notOne.stderr, /^DATABASE_URL: cannot open .*not a database\)\n$/);
  });

  it('A57: exits with status 78 and reports all faults at once, one line each, without any secret', async () => {
    using folder = temporaryFolder();
    const secret = 'too-short-to-be-safe';
    const { status, stdout, stderr } = await runLatchkey(folder.path, ['serve'], {
      BASE_URL: 'http://login.example.org',
      SECRET_KEY: secret,
      PORT: 'eighty',
      SESSION_IDLE: 'forever',
    });
    assert.equal(status, 78);
    assert.equal(stdout, '');
    const lines = stderr.trimEnd().split('\n');
    assert.deepEqual(lines.map((line) => line.split(':')[0]).sort(), [
      'BASE_URL',
      'PORT',
      'SECRET_KEY',
      'SESSION_IDLE',
    ]);
    assert.ok(!stderr.includes(secret));
    assert.equal(existsSync(join(folder.path, 'data')), false, 'nothing was made');
  });

  it('A57: does not start on https without a secret or with one from an example', async () => {
    using folder = temporaryFolder();
    const https = { BASE_URL: 'https://login.example.org' };
    for (const secret of [
      '',
      'changeme-changeme-changeme-changeme',
      'your-secret-key-your-secret-key-0',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    ]) {
      const { status, stderr } = await runCommand(folder.path, ['serve'], { ...https, SECRET_KEY: secret });
      assert.equal(status, 78, secret);
      assert.match(stderr, /^SECRET_KEY: .*make one with: latchkey secret/);
    }
  });

  it('writes only JSON lines on https', async () => {
    using folder = temporaryFolder();
    const secretFile = join(folder.path, 'secret');
    writeFileSync(secretFile, 'q7V0d2hlbiB0aGUgbW9vbiBpcyBsb3cgYW5kIGdv\n');
    await using server = await startServerProcess(
      folder.path,
      { BASE_URL: 'https://login.example.org', SECRET_KEY_FILE: secretFile, HOST: '127.0.0.1' },
      { started: '"event":"started"' },
    );
    server.program.send('SIGTERM');
    const { stdout, status } = await server.program.ended;
    assert.equal(status, 0);
    for (const line of stdout.trimEnd().split('\n')) JSON.parse(line);
    assert.match(stdout, /"address":"https:\/\/login\.example\.org"/);
  });
});

/** Waits until no process listens on a port any more. */
async function refusesConnections(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isRefused = await Promise.race([
      once(socket, 'connect').then(() => false),
      once(socket, 'close').then(() => true),
    ]).catch(() => true);
    socket.destroy();
    if (isRefused) return;
  }
}
