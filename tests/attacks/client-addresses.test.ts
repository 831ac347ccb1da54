import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HttpServer, startHttpServer } from '../kit/system.ts';
import { addressOf } from '../kit/visitor.ts';
import { requestOverHttp2, sendRaw, startTlsServer } from '../kit/wire.ts';

/** Every header in which an intermediary may claim the origin of a request. */
const CLAIMS = [
  'X-Forwarded-For: 6.6.6.6',
  'x-forwarded-for: 6.6.6.6\r\nX-FORWARDED-FOR: 6.6.6.7',
  'X-Forwarded-For: 127.0.0.1',
  'Forwarded: for=6.6.6.6',
  'Forwarded: for="[2001:db8::6]:6666";proto=https',
  'X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6',
  'X-Real-IP: 6.6.6.6',
  'X-Client-IP: 6.6.6.6',
  'X-Cluster-Client-IP: 6.6.6.6',
  'CF-Connecting-IP: 6.6.6.6',
  'True-Client-IP: 6.6.6.6',
  'Fastly-Client-IP: 6.6.6.6',
  'X-Forwarded: for=6.6.6.6',
  'Forwarded-For: 6.6.6.6',
  'Via: 1.1 6.6.6.6',
  'X_Forwarded_For: 6.6.6.6',
];

/** The address that is reported for a failed sign-in. */
async function addressOfSignIn(server: HttpServer, header: string): Promise<string | null> {
  const body = 'csrf=x';
  const head = [
    'POST /login HTTP/1.1',
    'Host: localhost',
    'Connection: close',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Sec-Fetch-Site: cross-site',
    header,
  ];
  await sendRaw(server.port, `${head.join('\r\n')}\r\n\r\n${body}`);
  return addressOf(server.system.events.at(-1));
}

describe('the client address of a request', () => {
  it('A08: is not taken from any header of an untrusted client', async () => {
    await using server = await startHttpServer();
    await using elsewhere = await startHttpServer({ trustedProxies: '192.0.2.0/24, private' });
    for (const claim of CLAIMS) {
      assert.equal(await addressOfSignIn(server, claim), '127.0.0.1', claim);
      assert.equal(await addressOfSignIn(elsewhere, claim), '127.0.0.1', claim);
    }
    assert.equal(server.system.events.length, CLAIMS.length);
  });

  it('A08: is taken from X-Forwarded-For or Forwarded, and no other header, when a trusted proxy sends it', async () => {
    await using server = await startHttpServer({ trustedProxies: 'loopback' });
    const meant = [
      ['X-Forwarded-For: 6.6.6.6', '6.6.6.6'],
      ['X-Forwarded-For: 6.6.6.6, 192.0.2.7', '192.0.2.7'],
      ['X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.7, 127.0.0.1', '192.0.2.7'],
      ['Forwarded: for=6.6.6.6, for="[2001:db8::7]:4711"', '2001:db8::7'],
      ['X-Forwarded-For: 192.0.2.7\r\nForwarded: for=6.6.6.6', '127.0.0.1'],
      ['Forwarded: for="', '127.0.0.1'],
    ] as const;
    for (const [header, address] of meant)
      assert.equal(await addressOfSignIn(server, header), address, header);
    for (const claim of CLAIMS.filter((claim) => !/^(x-forwarded-for|forwarded):/i.test(claim)))
      assert.equal(await addressOfSignIn(server, claim), '127.0.0.1', claim);
  });

  it('A08: is that of the connection over HTTP/2 as well, and not what the headers claim', async () => {
    await using server = await startTlsServer();
    const session = await server.connectHttp2();
    const head = {
      ':method': 'POST',
      ':path': '/login',
      'x-forwarded-for': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
    };
    assert.equal((await requestOverHttp2(session, head, 'csrf=x')).status, 403);
    assert.match(String(addressOf(server.system.events.at(-1))), /^(127\.0\.0\.1|::1)$/);
    session.close();
  });
});

describe('another spelling of a path', () => {
  const SPELLINGS = [
    '//login',
    '/LOGIN',
    '/Login',
    '/login/',
    '/login//',
    '/login;x',
    '/login;x=y',
    '/login%00',
    '/login%20',
    '/login.',
    '/login.html',
    '/%6cogin',
    '/l%6Fgin',
    '/%2flogin',
    '/login%2f',
    '/login%3fx',
    '/login%3b',
    '/login%252f',
    '/login%e2%80%8b',
  ];

  const LEFT_OUT = [
    '/./login',
    '/login/.',
    '/x/../login',
    '/login/x/..',
    '/%2e/login',
    '/x/%2E%2e/login',
    '/x/.%2e/login?y',
    '/login#x',
    '/login#?x',
    'http://localhost/x/../login',
  ];

  it('A08: does not reach the page, so it cannot evade the counters of the page', async () => {
    await using server = await startHttpServer();
    for (const path of SPELLINGS) {
      for (const method of ['GET', 'POST']) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
        const { statuses } = await sendRaw(server.port, head);
        // A trailing slash redirects a GET to the page; a form is not accepted there.
        const isLed = method === 'GET' && /^\/login\/+$/.test(path) && statuses[0] === 308;
        assert.ok(isLed || statuses[0] === 404 || statuses[0] === 400, `${method} ${path}: ${statuses}`);
      }
    }
  });

  it('A08: does not reach the page even if it becomes that path when dot segments and fragments are removed', async () => {
    await using server = await startHttpServer();
    const statusOf = async (path: string) => {
      const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      return (await sendRaw(server.port, head)).statuses;
    };
    for (const path of LEFT_OUT) assert.deepEqual(await statusOf(path), [400], path);
    for (const path of ['/login?/../', 'http://localhost/login'])
      assert.deepEqual(await statusOf(path), [200], path);
    assert.deepEqual(await statusOf('/.well-known/change-password'), [303]);
  });

  it('A08: does not reach the page over HTTP/2 either', async () => {
    await using server = await startTlsServer();
    const session = await server.connectHttp2();
    for (const path of LEFT_OUT.filter((one) => one.startsWith('/'))) {
      const { status } = await requestOverHttp2(session, { ':path': path });
      assert.equal(status, 400, path);
    }
    session.close();
  });
});
