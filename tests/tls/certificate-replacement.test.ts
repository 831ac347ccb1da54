import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import { newPair, type Pair, requestOverHttp2, startTlsServer, type TlsServer } from '../kit/wire.ts';

const OFTEN = { certificateInterval: 10 };

const fingerprintOf = ({ certificate }: Pair) => new X509Certificate(certificate).fingerprint256;

/** The fingerprint of the certificate that a new connection gets. */
async function shownBy(server: TlsServer): Promise<string> {
  const socket = await server.connect({ rejectUnauthorized: false });
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

const countOf = (server: TlsServer, event: string) =>
  server.system.logLines.filter((line) => line.includes(`"event":"${event}"`)).length;

const isReplaced = (server: TlsServer, times: number) =>
  until(`the certificate is replaced`, () => countOf(server, 'certificate-replaced') === times);

/** Writes a new file and renames it to replace the old one atomically, as certbot and most other tools do. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function putPair({ files }: TlsServer, pair: Pair): void {
  replaceFile(files.key, pair.key);
  replaceFile(files.certificate, pair.certificate);
}

/** Sends requests repeatedly over one connection each of HTTP/1.1 and HTTP/2, until it is stopped. */
async function startTraffic(server: TlsServer) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: server.pair.certificate });
  const session = await server.connectHttp2();
  const ports = new Set<number | undefined>();
  const statuses: (number | undefined)[] = [];
  let isGoingOn = true;
  const overHttp1 = () =>
    new Promise<number | undefined>((resolve, reject) => {
      get(`${server.origin}/healthz`, { agent }, (answer) => {
        ports.add(answer.socket.localPort);
        answer.resume().on('end', () => resolve(answer.statusCode));
      }).on('error', reject);
    });
  const overHttp2 = async () => (await requestOverHttp2(session, { ':path': '/healthz' })).status;
  const loop = async (ask: () => Promise<number | undefined>) => {
    while (isGoingOn) statuses.push(await ask());
  };
  const loops = Promise.all([loop(overHttp1), loop(overHttp2)]);
  return {
    stop: async () => {
      isGoingOn = false;
      await loops;
      const isSessionAlive = !session.closed && !session.destroyed;
      agent.destroy();
      session.close();
      return { statuses, connections: ports.size, isSessionAlive };
    },
  };
}

describe('the certificate of a running server', () => {
  it('is presented to new connections once it is replaced, and no existing connection is lost', async () => {
    await using server = await startTlsServer({}, OFTEN);
    const traffic = await startTraffic(server);
    for (const times of [1, 2, 3]) {
      const next = await newPair();
      assert.notEqual(await shownBy(server), fingerprintOf(next));
      putPair(server, next);
      await isReplaced(server, times);
      assert.equal(await shownBy(server), fingerprintOf(next));
    }
    const { statuses, connections, isSessionAlive } = await traffic.stop();
    assert.ok(statuses.length > 0 && statuses.every((status) => status === 200));
    assert.equal(connections, 1, 'HTTP/1.1 went on over its one connection');
    assert.ok(isSessionAlive, 'and HTTP/2 over its one session');
  });

  it('is replaced when a symbolic link moves to another folder, as in Kubernetes', async () => {
    await using server = await startTlsServer({}, OFTEN);
    const next = await newPair();
    const { certificate, key } = server.files;
    const folder = dirname(certificate);
    mkdirSync(join(folder, 'next'));
    writeFileSync(join(folder, 'next/tls.crt'), next.certificate);
    writeFileSync(join(folder, 'next/tls.key'), next.key);
    for (const [file, name] of [
      [key, 'tls.key'],
      [certificate, 'tls.crt'],
    ] as const) {
      rmSync(file);
      symlinkSync(join('next', name), file);
    }
    await isReplaced(server, 1);
    assert.equal(await shownBy(server), fingerprintOf(next));

    const last = await newPair();
    mkdirSync(join(folder, 'last'));
    writeFileSync(join(folder, 'last/tls.crt'), last.certificate);
    writeFileSync(join(folder, 'last/tls.key'), last.key);
    renameSync(join(folder, 'next'), join(folder, 'old'));
    symlinkSync('last', join(folder, 'next'));
    await isReplaced(server, 2);
    assert.equal(await shownBy(server), fingerprintOf(last));
  });

  it('stays in use, with a warning, while its new files are incomplete or invalid', async () => {
    await using server = await startTlsServer({}, OFTEN);
    const next = await newPair();
    const states = [
      [next.certificate, 'is not the key of the certificate'],
      [next.certificate.slice(0, 200), 'there is no certificate'],
      [server.pair.certificate + next.certificate.slice(0, 300), 'is damaged'],
      ['', 'there is no certificate'],
    ] as const;
    for (const [index, [text, problem]] of states.entries()) {
      replaceFile(server.files.certificate, text);
      await until('it is rejected', () => countOf(server, 'certificate-not-replaced') === index + 1);
      assert.ok(server.system.logLines.at(-1)?.includes(problem), server.system.logLines.at(-1));
      assert.equal(await shownBy(server), fingerprintOf(server.pair));
    }
    assert.ok(!server.system.logLines.some((line) => line.includes('BEGIN')), 'nothing of a key is logged');
    putPair(server, next);
    await isReplaced(server, 1);
    assert.equal(await shownBy(server), fingerprintOf(next));
  });

  it('is reported as unfit when it does not name the host of the site', async () => {
    await using server = await startTlsServer({ baseUrl: 'https://login.example.org' }, OFTEN);
    const unfit = server.system.logLines.filter((line) => line.includes('certificate-unfit'));
    assert.equal(unfit.length, 1);
    assert.match(String(unfit[0]), /it does not name login\.example\.org/);
  });
});
