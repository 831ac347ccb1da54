import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { reachInside, startHttpServer, startSystem, type TestSystem } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';
import { requestOverHttp2, sendRaw, startTlsServer } from '../kit/wire.ts';

const refusalsOf = ({ events }: TestSystem) =>
  events.flatMap((event) => (event.type === 'request-refused' ? [event] : []));

describe('a refused form', () => {
  it('P59: names its cause on its page and in the log', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    const csrf = await ada.token('/login');
    const cases = [
      ['no-origin', { 'sec-fetch-site': '', origin: '' }, csrf, /does not say which site/],
      ['no-origin', { 'sec-fetch-site': '', origin: 'null' }, csrf, /does not say which site/],
      ['cross-site', { 'sec-fetch-site': 'cross-site' }, csrf, /from a page of another site/],
      [
        'cross-site',
        { 'sec-fetch-site': '', origin: 'https://evil.example' },
        csrf,
        /from a page of another site/,
      ],
    ] as const;
    for (const [reason, headers, token, words] of cases) {
      const answer = await ada.post('/login', { csrf: token, ...ADA }, headers);
      assert.equal(answer.status, 403);
      assert.match(answer.body, words);
      assert.equal(refusalsOf(system).at(-1)?.reason, reason);
      assert.ok(!answer.body.includes(ADA.password));
    }
  });

  it('P75: reports a body that the application has already read', async () => {
    const port = await freePort();
    await using system = await startSystem({ port });
    const { handle } = reachInside(system, 'an application mounts the listener behind a parser of its own');
    const listener = getRequestListener((request, environment) => handle(request, environment));
    const server = createServer(async (incoming, outgoing) => {
      if (incoming.method === 'POST') for await (const _ of incoming);
      listener(incoming, outgoing);
    });
    await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
    try {
      const answer = await fetch(`http://localhost:${port}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: `http://localhost:${port}` },
        body: 'csrf=x&username=Ada',
      });
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), /arrived without its content/);
    } finally {
      server.close();
    }
    assert.equal(refusalsOf(system).at(-1)?.reason, 'body-consumed');
    const bare = new Request(`http://localhost:${port}/login`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
      headers: { origin: `http://localhost:${port}` },
    });
    await bare.text();
    assert.equal((await system.fetch(bare)).status, 403);
    const form = {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    };
    const url = `http://localhost:${port}/login`;
    const locked = new Request(url, { method: 'POST', body: 'csrf=x', headers: form });
    locked.body?.getReader();
    // Without a length, as over HTTP/2 or in chunks: rebuilt by a framework whose parser has read the body.
    const rebuilt = new Request(url, { method: 'POST', headers: form });
    for (const request of [locked, rebuilt]) assert.equal((await system.fetch(request)).status, 403);
    assert.deepEqual(
      refusalsOf(system).map(({ reason }) => reason),
      ['body-consumed', 'body-consumed', 'body-consumed', 'body-consumed'],
    );
    const empty = new Request(url, { method: 'POST', headers: { ...form, 'content-length': '0' } });
    assert.equal((await system.fetch(empty)).status, 403);
    assert.equal(refusalsOf(system).at(-1)?.reason, 'forged-form');
  });
});

describe('a request for another host', () => {
  it('P74: logs its host and the expected one, and its page links to the latter', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org' });
    const answer = await system.fetch(new Request('http://0.0.0.0:3000/login'));
    assert.equal(answer.status, 421);
    const page = await answer.text();
    assert.match(page, /<a href="https:\/\/login\.example\.org\/">https:\/\/login\.example\.org<\/a>/);
    assert.doesNotMatch(page, /0\.0\.0\.0/);
    const [line = ''] = system.logLines.filter((text) => text.includes('request-refused'));
    assert.match(line, /"reason":"wrong-host","seen":"0\.0\.0\.0:3000","expected":"login\.example\.org"/);
  });

  it('P74: says of what kind it is, in the log and, where the server is at fault, on the page', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org:8443' });
    const cases = [
      ['http://0.0.0.0:3000', 'listening-address'],
      ['http://[::]:3000', 'listening-address'],
      ['http://latchkey:3000', 'internal-name'],
      ['http://app_1:3000', 'internal-name'],
      ['http://web.default.svc:3000', 'internal-name'],
      ['http://latchkey.railway.internal', 'internal-name'],
      ['http://10.0.3.7:3000', 'internal-name'],
      ['http://[fd00::7]:3000', 'internal-name'],
      ['http://localhost:3000', 'internal-name'],
      ['http://127.0.0.1:3000', 'internal-name'],
      ['https://login.example.org', 'other-port'],
      ['https://login.example.org:3000', 'other-port'],
      ['https://evil.example', 'other-name'],
      ['https://203.0.113.9', 'other-name'],
    ] as const;
    for (const [origin, kind] of cases) {
      const answer = await system.fetch(new Request(`${origin}/login`));
      assert.equal(answer.status, 421, origin);
      assert.equal(refusalsOf(system).at(-1)?.['kind'], kind, origin);
      const isOfServer = kind === 'listening-address' || kind === 'internal-name';
      const page = await answer.text();
      assert.equal(/another part of this site has replaced it/.test(page), isOfServer, origin);
      assert.match(page, /href="https:\/\/login\.example\.org:8443\/"/);
    }
  });
});

describe('a path with a slash at its end', () => {
  it('P61: redirects to the page without it, and never has an effect', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    for (const [path, page] of [
      ['/login/', '/login'],
      ['/login//', '/login'],
      ['/dashboard/?a=b&c', '/dashboard?a=b&c'],
      ['/reset-password/?token=x', '/reset-password?token=x'],
    ] as const) {
      const answer = await ada.get(path);
      assert.deepEqual([answer.status, answer.location], [308, page]);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    }
    const head = await system.fetch(new Request(`${system.origin}/login/`, { method: 'HEAD' }));
    assert.equal(head.status, 308);
    const csrf = await ada.token('/login');
    assert.equal((await ada.post('/login/', { csrf, ...ADA })).status, 404);
    for (const path of [
      '/nowhere/',
      '//',
      '//evil.example/',
      '//evil.example/login/',
      '/login/x/',
      '/logi%6e/',
      '/%2Fevil.example/',
    ])
      assert.equal((await system.fetch(new Request(system.origin + path))).status, 404, path);
  });
});

describe('a request whose head cannot be used', () => {
  const HEADERS = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };

  it('P09: is answered with a page, over HTTP/1.1', async () => {
    await using server = await startHttpServer();
    const head = 'GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
    const requests = [
      [431, `${head}Cookie: x=${'a'.repeat(17_000)}\r\n\r\n`, /Your browser sent too much/],
      [431, `${head}${'X-A: b\r\n'.repeat(101)}\r\n`, /Your browser sent too much/],
      [400, `${head}Host: evil.example\r\n\r\n`, /That request made no sense/],
      [400, 'GET /login HTTP/1.1\r\nConnection: close\r\n\r\n', /That request made no sense/],
      [400, 'NONSENSE\r\n\r\n', /That request made no sense/],
    ] as const;
    for (const [status, request, words] of requests) {
      const { statuses, text } = await sendRaw(server.port, request);
      assert.deepEqual(statuses, [status], request.slice(0, 80));
      const [answered = '', body = ''] = text.split('\r\n\r\n');
      for (const [name, value] of Object.entries(HEADERS))
        assert.match(answered.toLowerCase(), new RegExp(`${name}: ${value}`), request.slice(0, 80));
      assert.match(answered, new RegExp(`content-length: ${Buffer.byteLength(body, 'latin1')}\\b`, 'i'));
      assert.match(body, words);
    }
  });

  it('P09: is answered with a page over HTTP/2', async () => {
    await using server = await startTlsServer();
    const session = await server.connectHttp2();
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, number) => [`x-${number}`, 'a']));
    for (const headers of [{ cookie: `x=${'a'.repeat(17_000)}` }, many]) {
      const answer = await requestOverHttp2(session, { ':path': '/login', ...headers });
      assert.equal(answer.status, 431);
      assert.match(answer.body, /Your browser sent too much/);
    }
    session.close();
  });
});
