import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { z } from 'zod';
import { runCommand, startServerProcess } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { freePort, occupy, temporaryFolder } from '../kit/temporary.ts';
import { newPair, type Pair, requestOverHttp2 } from '../kit/wire.ts';

describe('latchkey dev-cert', () => {
  it('creates what https needs on this machine, and prints the settings that suffice for it', async () => {
    using folder = temporaryFolder();
    const made = await runCommand(folder.path, ['dev-cert']);
    assert.equal(made.status, 0, made.stderr);
    const file = (name: string) => join(folder.path, 'data', name);
    assert.equal(statSync(file('dev-key.pem')).mode & 0o777, 0o600);
    const lines = made.stdout.match(/^[A-Z_]+=.+$/gm) ?? [];
    assert.deepEqual(
      lines.map((line) => line.split('=')[0]),
      ['TLS_CERT', 'TLS_KEY', 'SECRET_KEY_FILE'],
    );
    writeFileSync(join(folder.path, '.env'), lines.join('\n'));
    await using server = await startServerProcess(folder.path, {}, { started: '"event":"started"' });
    const session = connectHttp2(`https://localhost:${server.port}`, {
      ca: readFileSync(file('dev-cert.pem'), 'utf8'),
    });
    await once(session, 'connect');
    const { status, headers } = await requestOverHttp2(session, { ':path': '/login' });
    assert.equal(status, 200);
    assert.match(String(headers['set-cookie']), /^__Host-latchkey-visitor=.*Secure/);
    assert.match(String(headers['strict-transport-security']), /^max-age=/);
    session.close();
    server.program.send('SIGTERM');
    const { stdout } = await server.program.ended;
    assert.match(stdout, new RegExp(`"address":"https://localhost:${server.port}"`));
    assert.doesNotMatch(stdout, /certificate-unfit/);
  });

  it('overwrites nothing without --replace, and prints what it has created as JSON', async () => {
    using folder = temporaryFolder();
    const words = ['dev-cert', '--folder', 'tls', '--json'];
    const read = (name: string) => readFileSync(join(folder.path, 'tls', name), 'utf8');
    const shape = z.object({
      hosts: z.array(z.string()),
      validTo: z.iso.datetime(),
      settings: z.record(z.string(), z.string()),
    });
    const { hosts, settings } = shape.parse(JSON.parse((await runCommand(folder.path, words)).stdout));
    assert.deepEqual(hosts, ['localhost', '127.0.0.1', '::1']);
    assert.equal(settings['TLS_KEY'], 'tls/dev-key.pem');
    const first = read('dev-key.pem');
    const again = await runCommand(folder.path, words);
    assert.equal(again.status, 64);
    assert.match(again.stderr, /^tls\/dev-cert\.pem is there already; --replace makes a new one\n$/);
    assert.equal(read('dev-key.pem'), first);
    assert.equal((await runCommand(folder.path, [...words, '--replace'])).status, 0);
    assert.notEqual(read('dev-key.pem'), first);
  });
});

let pair: Pair;
let other: Pair;

before(async () => {
  [pair, other] = await Promise.all([newPair(), newPair()]);
});

describe('latchkey serve with TLS', () => {
  it('A57: exits with status 78 and one line per fault when the files cannot be used, and creates nothing', async () => {
    using folder = temporaryFolder();
    const file = (name: string, text: string) => {
      writeFileSync(join(folder.path, name), text);
      return join(folder.path, name);
    };
    const good = { TLS_CERT: file('good.crt', pair.certificate), TLS_KEY: file('good.key', pair.key) };
    const nowhere = join(folder.path, 'nowhere');
    const broken = pair.certificate + other.certificate.slice(0, 300);
    const cases = [
      [{ TLS_KEY: '' }, /^TLS_KEY: is missing, and TLS_CERT is set; .*\n$/],
      [{ TLS_CERT: nowhere }, /^TLS_CERT: \S+nowhere cannot be read \(ENOENT\); .*\n$/],
      [{ TLS_CERT: nowhere, TLS_KEY: folder.path }, /^TLS_CERT: .*\(ENOENT\).*\nTLS_KEY: .*\(EISDIR\).*\n$/],
      [{ TLS_CERT: good.TLS_KEY }, /^TLS_CERT: there is no certificate in .*\n$/],
      [{ TLS_CERT: file('broken.crt', broken) }, /^TLS_CERT: .*certificate or chain is damaged\n$/],
      [{ TLS_KEY: good.TLS_CERT }, /^TLS_KEY: there is no private key in .*\n$/],
      [{ TLS_KEY: file('other.key', other.key) }, /^TLS_KEY: .* is not the key of the certificate in .*\n$/],
      [{ TLS_KEY: pair.key }, /^TLS_KEY: its value is not the path of a file; .*\n$/],
      [{ BASE_URL: 'http://localhost:3000' }, /^BASE_URL: .* is not what TLS_CERT serves; .*\n$/],
    ] as const;
    for (const [wrong, line] of cases) {
      const { status, stdout, stderr } = await runCommand(folder.path, ['serve'], {
        ...good,
        SECRET_KEY,
        ...wrong,
      });
      assert.match(stderr, line);
      assert.equal(status, 78, stderr);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /BEGIN/);
    }
    assert.equal(existsSync(join(folder.path, 'data')), false);
  });

  it('says in one line that the port for plain http is already in use', async () => {
    using folder = temporaryFolder();
    const tls = { TLS_CERT: join(folder.path, 'tls.crt'), TLS_KEY: join(folder.path, 'tls.key'), SECRET_KEY };
    writeFileSync(tls.TLS_CERT, pair.certificate);
    writeFileSync(tls.TLS_KEY, pair.key);
    chmodSync(tls.TLS_KEY, 0o600);
    const redirect = String(await freePort());
    await using _ = await occupy(Number(redirect));
    const PORT = String(await freePort());
    const { status, stderr } = await runCommand(folder.path, ['serve'], {
      ...tls,
      TLS_REDIRECT_PORT: redirect,
      PORT,
    });
    assert.equal(status, 1);
    assert.match(
      stderr,
      new RegExp(`^TLS_REDIRECT_PORT: ${redirect} is already in use on 127\\.0\\.0\\.1; .*\n$`),
    );
  });
});
