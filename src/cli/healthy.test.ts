import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCommand, runCommands } from '../../tests/kit/processes.ts';
import { freePort, temporaryFolder } from '../../tests/kit/temporary.ts';
import { newPair } from '../../tests/kit/wire.ts';

const alive: RequestListener = ({ url }, response) => {
  response.writeHead(url === '/healthz' ? 200 : 503).end();
};

/** A server on some addresses of this machine, on one port; with TLS if it has a certificate. */
async function listening(hosts: readonly string[], pair?: { certificate: string; key: string }) {
  const port = await freePort();
  const running = new AsyncDisposableStack();
  for (const host of hosts) {
    const server = pair
      ? createTlsServer({ cert: pair.certificate, key: pair.key }, alive)
      : createServer(alive);
    running.defer(async () => {
      server.closeAllConnections();
      server.close();
    });
    await once(server.listen({ host, port, ipv6Only: host === '::' }), 'listening');
  }
  return { port: String(port), [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function hasIpv6(): Promise<boolean> {
  const socket = connect({ host: '::1', port: await freePort() });
  const [error] = await once(socket, 'error');
  return error.code === 'ECONNREFUSED';
}

/** Settings, and where a server of these settings listens; each is found without any secret. */
const WAYS = [
  { settings: {}, hosts: ['127.0.0.1'], asked: 'http://127.0.0.1' },
  { settings: { HOST: '0.0.0.0' }, hosts: ['0.0.0.0'], asked: 'http://127.0.0.1' },
  { settings: { HOST: '127.0.0.5' }, hosts: ['127.0.0.5'], asked: 'http://127.0.0.5' },
  { settings: { HOST: 'localhost' }, hosts: ['127.0.0.1'], asked: 'http://localhost' },
  { settings: { HOST: '::' }, hosts: ['::'], asked: 'http://[::1]' },
  { settings: { HOST: '0:0:0:0:0:0:0:0' }, hosts: ['0.0.0.0'], asked: 'http://127.0.0.1' },
  { settings: { HOST: '::1' }, hosts: ['::1'], asked: 'http://[::1]' },
  { settings: { BASE_URL: 'https://login.example.org' }, hosts: ['0.0.0.0'], asked: 'http://127.0.0.1' },
  {
    settings: { NODE_ENV: 'production', BASE_URL: 'https://login.example.org', TLS_CERT: '/tls.crt' },
    hosts: ['0.0.0.0'],
    asked: 'https://127.0.0.1',
  },
  { settings: { TLS_CERT: 'tls.crt', HOST: '127.0.0.7' }, hosts: ['127.0.0.7'], asked: 'https://127.0.0.7' },
] as const;

describe('latchkey healthy', () => {
  it('P64: finds the server of each address, port and scheme, whatever certificate it has', async () => {
    using folder = temporaryFolder();
    const isDual = await hasIpv6();
    const pair = await newPair(['another.example.net']);
    for (const { settings, hosts, asked } of WAYS) {
      if (!isDual && hosts.some((host) => host.includes(':'))) continue;
      await using server = await listening(hosts, 'TLS_CERT' in settings ? pair : undefined);
      const environment = { ...settings, PORT: server.port };
      const { status, stdout, stderr } = await runCommand(folder.path, ['healthy'], environment);
      assert.deepEqual(
        [status, stdout, stderr],
        [0, `${asked}:${server.port}/healthz: status 200\n`, ''],
        JSON.stringify(settings),
      );
    }
  });

  it('P64: fails where nothing listens, and where the answer is another', async () => {
    using folder = temporaryFolder();
    await using server = await listening(['127.0.0.1']);
    const PORT = server.port;
    const cases = [
      [['healthy', '--ready'], { PORT }, /readyz: status 503\n$/],
      [['healthy'], { PORT: String(await freePort()) }, /ECONNREFUSED\n$/],
      [['healthy'], { PORT, HOST: '127.0.0.9' }, /ECONNREFUSED\n$/],
      [['healthy'], { PORT, TLS_CERT: 'tls.crt' }, /^https:.*: [A-Z_]+\n$/],
      [['healthy'], { PORT, HOST: 'no-such-host.invalid' }, /: (?:ENOTFOUND|EAI_AGAIN)\n$/],
      [['healthy'], { PORT: 'eighty' }, /^PORT: "eighty" .*\n$/],
    ] as const;
    for (const [words, environment, said] of cases) {
      const { status, stdout, stderr } = await runCommand(folder.path, words, environment);
      assert.equal(status, 1, JSON.stringify(environment));
      assert.match(stdout + stderr, said);
    }
  });

  it('P64: reads files of settings, and the file of an application, as the server does', async () => {
    using folder = temporaryFolder();
    await using server = await listening(['127.0.0.4']);
    writeFileSync(join(folder.path, 'port'), `${server.port}\n`);
    writeFileSync(join(folder.path, '.env'), 'HOST=127.0.0.4\n');
    const [fromFile] = await runCommands(folder.path, [['healthy']], { PORT_FILE: 'port' });
    assert.deepEqual([fromFile?.status, fromFile?.stderr], [0, '']);
    const options = `export default { host: '127.0.0.4', port: ${server.port} };`;
    writeFileSync(join(folder.path, 'latchkey.config.mjs'), options);
    const [ofApplication] = await runCommands(folder.path, [['healthy', '--json']]);
    assert.equal(ofApplication?.status, 0);
    assert.deepEqual(JSON.parse(ofApplication?.stdout ?? ''), {
      isHealthy: true,
      address: `http://127.0.0.4:${server.port}/healthz`,
      answer: 'status 200',
    });
  });
});
