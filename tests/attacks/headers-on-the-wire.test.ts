import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onlyHeader, sendRequest, type WireAnswer, type WireRequest } from '../kit/http-request.ts';
import { type HttpServer, reachInside, startHttpServer } from '../kit/system.ts';
import { ADA, parseSetCookie } from '../kit/visitor.ts';

const HOST = 'login.example.org';
const SECURE = { baseUrl: `https://${HOST}`, cspReports: 'on' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };

const PAGES =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp-reports; report-to csp";
const NO_PAGES = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

const ON_EVERY_ANSWER = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
  'permissions-policy':
    'camera=(), display-capture=(), fullscreen=(), geolocation=(), microphone=(), payment=(), usb=()',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'reporting-endpoints': 'csp="/csp-reports"',
};

/** Headers that describe the body, and the time. */
const LENGTHS = ['date', 'content-length', 'transfer-encoding'];

/** Headers that reveal the software, allow other sites to read, or allow caches to store. */
const ON_NO_ANSWER = [
  'server',
  'x-powered-by',
  'via',
  'access-control-allow-origin',
  'etag',
  'last-modified',
];

function checkHeaders(answer: WireAnswer, what: string): void {
  for (const [name, value] of Object.entries(ON_EVERY_ANSWER))
    assert.equal(onlyHeader(answer, name), value, `${what}: ${name}`);
  const type = onlyHeader(answer, 'content-type');
  // A worker is not started in a sandbox.
  const others =
    what.includes('/assets/solver-') && type?.includes('javascript')
      ? NO_PAGES.replace('; sandbox', '')
      : NO_PAGES;
  const isPage = type === null ? answer.status !== 204 : type.startsWith('text/html');
  assert.equal(onlyHeader(answer, 'content-security-policy'), isPage ? PAGES : others, what);
  for (const name of ON_NO_ANSWER) assert.equal(onlyHeader(answer, name), null, `${what}: ${name}`);
  const once = answer.headers.map(([name]) => name).filter((name) => name !== 'set-cookie');
  assert.deepEqual(once, [...new Set(once)], `${what}: each header once`);
  checkCookies(answer, what);
}

function checkCookies({ headers }: WireAnswer, what: string): void {
  const lines = headers.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []));
  const cookies = lines.map(parseSetCookie);
  assert.equal(new Set(cookies.map(({ name }) => name)).size, cookies.length, `${what}: each cookie once`);
  for (const { name, value, attributes } of cookies) {
    assert.match(name, /^__Host-latchkey/);
    // ASVS 5.0, 3.3.5: browsers drop longer cookies.
    assert.ok(name.length + value.length <= 4_096, `${what}: ${name} is short enough`);
    const { path, samesite } = Object.fromEntries(attributes);
    assert.deepEqual([path, samesite, attributes.has('domain')], ['/', 'Lax', false], what);
    for (const flag of ['secure', 'httponly']) assert.ok(attributes.has(flag), `${what}: ${flag}`);
  }
}

const routesOf = ({ system }: HttpServer) =>
  reachInside(system, 'no page lists the routes').features.flatMap(({ routes }) => routes);

const databaseOf = ({ system }: HttpServer) =>
  reachInside(system, 'no public function breaks or closes the database alone').core.database;

/** The cookies of a signed-in user, and the CSRF token of one of their pages. */
async function adaSignedIn({ system }: HttpServer): Promise<{ cookie: string; csrf: string }> {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  const csrf = await ada.token('/dashboard');
  return { cookie: [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; '), csrf };
}

/** Every route in every method, for browsers and API clients, signed in or not, and requests that no route handles. */
function everyRequest(server: HttpServer, cookie: string): readonly WireRequest[] {
  const declared = routesOf(server).map(({ path }) => path);
  const paths = [
    ...new Set<string>(declared),
    '/nowhere',
    '/login/',
    '/%2e%2e/login',
    `/${'x'.repeat(8_001)}`,
  ];
  return paths.flatMap((path) =>
    ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].flatMap((method) =>
      ['text/html', 'application/json'].flatMap((accept) =>
        ['', cookie].map((cookies) => ({
          method,
          path,
          headers: {
            host: HOST,
            origin: 'https://evil.example',
            accept,
            ...(cookies && { cookie: cookies }),
          },
        })),
      ),
    ),
  );
}

/** Requests that end with statuses which no method of a route causes by itself. */
function refusedRequests(cookie: string, csrf: string): readonly WireRequest[] {
  const own = { host: HOST, cookie, ...FORM };
  return [
    { method: 'POST', path: '/logout', headers: own, body: 'csrf=%' },
    { method: 'POST', path: '/logout', headers: own, body: 'csrf=x' },
    { method: 'POST', path: '/logout', headers: own, body: `a=${'x'.repeat(70_000)}` },
    { method: 'POST', path: '/logout', headers: { ...own, 'content-type': 'text/plain' }, body: csrf },
    { method: 'POST', path: '/register', headers: own, body: `csrf=${csrf}&username=a` },
    { path: '/login', headers: { host: HOST, cookie: `a=${'x'.repeat(17_000)}` } },
    { path: '/login', headers: { host: HOST, expect: 'nonsense' } },
    {
      method: 'POST',
      path: '/csp-reports',
      headers: { host: HOST, 'content-type': 'application/csp-report' },
      body: '{}',
    },
  ];
}

const describeRequest = ({ method = 'GET', path, headers }: WireRequest) =>
  `${method} ${path.slice(0, 40)} ${headers?.['accept'] ?? ''} ${headers?.['cookie'] ? 'with cookies' : ''}`;

describe('every HTTP response', () => {
  it('A43, A44, A45: has each security header once with the right value, whatever its route, method and status', async () => {
    await using server = await startHttpServer(SECURE);
    const { cookie, csrf } = await adaSignedIn(server);
    const statuses = new Set<number>();
    const askAndCheck = async (request: WireRequest) => {
      const answer = await sendRequest(server.port, request);
      statuses.add(answer.status);
      checkHeaders(answer, `${describeRequest(request)}: ${answer.status}`);
    };
    for (const request of [...everyRequest(server, cookie), ...refusedRequests(cookie, csrf)])
      await askAndCheck(request);
    await databaseOf(server).queries.schema.dropTable('sessions').execute();
    for (const accept of ['text/html', 'application/json'])
      await askAndCheck({ path: '/dashboard', headers: { host: HOST, cookie, accept } });
    await databaseOf(server).close();
    for (const path of ['/dashboard', '/readyz'])
      await askAndCheck({ path, headers: { host: HOST, cookie } });
    const expected = [200, 204, 303, 308, 400, 401, 403, 404, 405, 413, 414, 415, 417, 422, 431, 500, 503];
    assert.deepEqual([...statuses].sort(), expected);
  });

  it('has the same status and headers for HEAD as for GET, without the body', async () => {
    await using server = await startHttpServer(SECURE);
    const { cookie } = await adaSignedIn(server);
    const paths = routesOf(server).flatMap(({ method, path }) => (method === 'GET' ? [path] : []));
    for (const path of [...paths, '/nowhere']) {
      const headers = { host: HOST, cookie };
      const [get, head] = [
        await sendRequest(server.port, { path, headers }),
        await sendRequest(server.port, { method: 'HEAD', path, headers }),
      ];
      const comparable = (answer: WireAnswer) =>
        answer.headers
          .filter(([name]) => !LENGTHS.includes(name))
          .map((pair) => pair.join(': '))
          .sort();
      assert.deepEqual([head.status, comparable(head), head.body], [get.status, comparable(get), ''], path);
    }
  });

  it('A44: declares its media type and charset when it has a body, and is never JSONP (ASVS 3.5.6)', async () => {
    await using server = await startHttpServer(SECURE);
    const { cookie } = await adaSignedIn(server);
    const kinds =
      /^(?:text\/(?:html|plain|css|javascript); charset=utf-8|image\/svg\+xml|application\/(?:problem\+)?json)$/;
    for (const request of everyRequest(server, cookie)) {
      const answer = await sendRequest(server.port, request);
      if (answer.body !== '') assert.match(String(onlyHeader(answer, 'content-type')), kinds, request.path);
    }
    const { body } = await sendRequest(server.port, {
      path: '/api/session?callback=alert',
      headers: { host: HOST, cookie },
    });
    assert.equal(JSON.parse(body).user.username, ADA.username);
  });
});

describe('a cookie that is sent twice', () => {
  it('A45: is ignored when its two values differ, in one header or in two', async () => {
    await using server = await startHttpServer(SECURE);
    const { cookie } = await adaSignedIn(server);
    const status = async (sent: string | string[]) =>
      (await sendRequest(server.port, { path: '/api/session', headers: { host: HOST, cookie: sent } }))
        .status;
    const planted = '__Host-latchkey=planted';
    assert.equal(await status(cookie), 200);
    for (const sent of [
      `${cookie}; ${planted}`,
      `${planted}; ${cookie}`,
      [cookie, planted],
      [planted, cookie],
    ])
      assert.equal(await status(sent), 401, String(sent));
    assert.equal(await status([cookie, cookie]), 200, 'the same twice is no trick');
  });

  it('A45: does not validate a form that has the attacker’s token and a planted visitor cookie', async () => {
    await using server = await startHttpServer(SECURE);
    const attacker = server.system.visitor();
    const csrf = await attacker.token('/login');
    const victim = server.system.visitor();
    await victim.token('/login');
    const name = '__Host-latchkey-visitor';
    const both = `${name}=${victim.cookies.get(name)}; ${name}=${attacker.cookies.get(name)}`;
    const body = new URLSearchParams({ csrf, ...ADA }).toString();
    const request = { method: 'POST', path: '/login', headers: { host: HOST, cookie: both, ...FORM }, body };
    assert.equal((await sendRequest(server.port, request)).status, 403);
  });
});

describe('a Cookie header', () => {
  it('A45: of nine kilobytes is accepted, and one of seventeen kilobytes is refused with 431', async () => {
    await using server = await startHttpServer(SECURE);
    const { cookie } = await adaSignedIn(server);
    const status = async (bytes: number) => {
      const sent = `tossed=${'x'.repeat(bytes)}; ${cookie}`;
      return (await sendRequest(server.port, { path: '/api/session', headers: { host: HOST, cookie: sent } }))
        .status;
    };
    assert.deepEqual([await status(9_000), await status(17_000)], [200, 431]);
  });

  it('A45: with a malformed session token is refused without a database query', async () => {
    await using server = await startHttpServer(SECURE);
    await databaseOf(server).close();
    for (const value of ['x'.repeat(9_000), 'x', '%00', '"quoted"']) {
      const headers = { host: HOST, cookie: `__Host-latchkey=${value}` };
      assert.equal(
        (await sendRequest(server.port, { path: '/api/session', headers })).status,
        401,
        value.slice(0, 20),
      );
    }
  });
});
