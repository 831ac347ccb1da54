import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { createLatchkey } from '../../src/index.ts';
import { reachInside, SECRET_KEY, startHttpServer, startSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';
import { requestOverHttp2, sendRaw, startTlsServer } from '../kit/wire.ts';

const SITE = 'login.example.org';
const PUBLIC = { baseUrl: `https://${SITE}` };

/** Headers by which proxies pass on the requested host, each with a foreign host. */
const OTHER_NAMES = [
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Server: evil.example',
  'X-Host: evil.example',
  'X-Original-Host: evil.example',
  'X-Forwarded-Proto: ftp',
  'X-Forwarded-Scheme: ftp',
  'X-Forwarded-Port: 1',
  'X-Forwarded-Prefix: /evil.example',
  'X-Original-URL: https://evil.example/login',
  'X-Rewrite-URL: /healthz',
  'Forwarded: for=6.6.6.6;host=evil.example;proto=ftp',
];

const WRONG_HOSTS = [
  'evil.example',
  'login.example.org.evil.example',
  `${SITE}.`,
  `${SITE}:8443`,
  `${SITE}:99999`,
  `${SITE}, evil.example`,
  `evil.example/${SITE}`,
  `${SITE}@evil.example`,
  `${SITE}#evil.example`,
  `${SITE}\tevil.example`,
  'localhost',
  '127.0.0.1',
  '[::1]',
  '',
];

describe('a request for a foreign host', () => {
  it('A28: is refused with 421 or 400, including the first request after the start', async () => {
    await using server = await startHttpServer(PUBLIC);
    for (const host of WRONG_HOSTS) {
      const head = `GET /login HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      const { statuses, text } = await sendRaw(server.port, head);
      assert.ok(statuses[0] === 421 || statuses[0] === 400, `${host}: ${statuses}`);
      assert.equal(statuses.length, 1);
      assert.doesNotMatch(text, /evil\.example/);
      assert.match(text, /content-security-policy: /i);
    }
    const { statuses } = await sendRaw(server.port, 'GET /login HTTP/1.0\r\n\r\n');
    assert.deepEqual(statuses, [400], 'none at all');
  });

  it('A28: is refused on every path but the health checks, whatever the method', async () => {
    await using system = await startSystem(PUBLIC);
    const ask = (path: string, method: string, origin: string) =>
      system.fetch(new Request(`${origin}${path}`, { method, headers: { accept: 'text/html' } }));
    const { features } = reachInside(system, 'no page lists the routes');
    const routes = features.flatMap((feature) => feature.routes);
    const isAnywhere = (path: string) => path === '/healthz' || path === '/readyz';
    const guarded = routes.map(({ path }) => path).filter((path) => !isAnywhere(path));
    for (const path of [...new Set(guarded), '/nowhere', `/${'x'.repeat(9_000)}`]) {
      for (const method of ['GET', 'POST', 'DELETE'])
        assert.equal((await ask(path, method, 'https://evil.example')).status, 421, `${method} ${path}`);
    }
    // A load balancer uses the address.
    for (const path of ['/healthz', '/readyz']) {
      for (const method of ['GET', 'HEAD'])
        assert.equal(
          (await ask(`${path}?x`, method, 'http://10.0.0.7:3000')).status,
          200,
          `${method} ${path}`,
        );
      assert.equal((await ask(path, 'POST', 'http://10.0.0.7:3000')).status, 421, path);
    }
  });

  it('A28: is recognized by an absolute request target as well, and refused when the target and Host differ', async () => {
    await using server = await startHttpServer(PUBLIC);
    const close = 'Connection: close\r\n\r\n';
    const cases = [
      [`GET http://evil.example/login HTTP/1.1\r\nHost: ${SITE}\r\n${close}`, 400],
      [`GET http://evil.example/login HTTP/1.1\r\nHost: evil.example\r\n${close}`, 421],
      [`GET https://${SITE}/login HTTP/1.1\r\nHost: evil.example\r\n${close}`, 400],
      [`GET https://${SITE}@evil.example/login HTTP/1.1\r\nHost: ${SITE}\r\n${close}`, 400],
      [`GET /login HTTP/1.1\r\nHost: ${SITE}\r\nHost: ${SITE}\r\n${close}`, 400],
      [`GET https://${SITE}/login HTTP/1.1\r\nHost: ${SITE}\r\n${close}`, 200],
      [`GET /login HTTP/1.1\r\nHost: ${SITE.toUpperCase()}\r\n${close}`, 200],
      [`GET /login HTTP/1.1\r\nHost: ${SITE}:443\r\n${close}`, 200],
    ] as const;
    for (const [head, status] of cases) {
      const { statuses } = await sendRaw(server.port, head);
      assert.deepEqual(statuses, [status], head);
    }
  });

  it('A28: is recognized by the :authority of HTTP/2', async () => {
    await using server = await startTlsServer();
    const session = await server.connectHttp2();
    const own = `localhost:${server.port}`;
    const cases = [
      [{ ':authority': own }, 200],
      [{ ':authority': 'evil.example' }, 421],
      [{ ':authority': own, host: own }, 200],
      [{ ':authority': own, host: 'evil.example' }, 400],
      [{ ':authority': 'evil.example', host: own }, 400],
    ] as const;
    for (const [head, status] of cases) {
      const answer = await requestOverHttp2(session, { ':path': '/login', ...head });
      assert.equal(answer.status, status, JSON.stringify(head));
    }
    session.close();
    await once(session, 'close');
  });

  it('A28: is refused by the library inside an application as well', async () => {
    const latchkey = createLatchkey({
      ...PUBLIC,
      databaseUrl: 'sqlite::memory:',
      secretKey: SECRET_KEY,
      logLevel: 'silent',
    });
    assert.equal((await latchkey.fetch(new Request(`https://${SITE}/login`))).status, 200);
    assert.equal(
      (await latchkey.fetch(new Request(`http://${SITE}/login`))).status,
      200,
      'a proxy ended TLS',
    );
    assert.equal((await latchkey.fetch(new Request('https://evil.example/login'))).status, 421);
    await latchkey.close();
  });
});

describe('a host in a forwarding header', () => {
  for (const trustedProxies of ['loopback', undefined]) {
    const from = trustedProxies === undefined ? 'an untrusted client' : 'a trusted proxy';
    it(`A28: has no effect when it comes from ${from}`, async () => {
      const trust = trustedProxies === undefined ? {} : { trustedProxies };
      await using server = await startHttpServer({ ...PUBLIC, ...trust });
      const ask = (path: string, header: string) =>
        sendRaw(
          server.port,
          `GET ${path} HTTP/1.1\r\nHost: ${SITE}\r\n${header}\r\nConnection: close\r\n\r\n`,
        );
      for (const header of OTHER_NAMES) {
        const away = await ask('/dashboard', header);
        assert.deepEqual(away.statuses, [303], header);
        assert.match(away.text, /^location: \/login\?next=%2Fdashboard\r$/im, header);
        const page = await ask('/login', header);
        assert.deepEqual(page.statuses, [200], header);
        assert.doesNotMatch(page.text, /evil\.example|ftp:/, header);
        assert.match(page.text, /__Host-latchkey-visitor=/, header);
      }
    });
  }

  it('A28: does not replace the Host header', async () => {
    await using server = await startHttpServer({ ...PUBLIC, trustedProxies: 'loopback' });
    const head = `GET /login HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: ${SITE}\r\nForwarded: host=${SITE}\r\nConnection: close\r\n\r\n`;
    assert.deepEqual((await sendRaw(server.port, head)).statuses, [421]);
  });
});

describe('a site in development', () => {
  it('is served under the loopback names of its machine, and registration works', async () => {
    await using server = await startHttpServer();
    for (const host of ['localhost', '127.0.0.1'])
      assert.equal((await fetch(`http://127.0.0.1:${server.port}/login`, { headers: { host } })).status, 200);
    const visitor = server.system.visitor();
    assert.equal((await visitor.register(ADA.username, ADA.password)).status, 303);
  });

  it('A28: refuses a foreign host name that was rebound to its machine', async () => {
    await using server = await startHttpServer();
    const head = `GET /api/session HTTP/1.1\r\nHost: rebind.example:${server.port}\r\nConnection: close\r\n\r\n`;
    assert.deepEqual((await sendRaw(server.port, head)).statuses, [421]);
  });
});
