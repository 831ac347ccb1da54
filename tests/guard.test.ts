import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { Entry } from '../src/index.ts';
import { createTestLatchkey, type TestOptions } from '../src/testing/index.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_STEP,
  authenticatorOf,
  offeredSecret,
  setupIn,
} from './kit/second-factors.ts';
import { ADA, createVisitor, type HeaderFields } from './kit/visitor.ts';

const ORIGIN = 'http://localhost:3000';
const OWN = { 'sec-fetch-site': 'same-origin' };

/** An application without a framework, and a signed-in user. */
async function startApplication(options: TestOptions = {}) {
  const auth = createTestLatchkey(options);
  const { cookie, cookies } = await auth.user({ username: ADA.username });
  const request = (path: string, headers: HeaderFields = {}, method = 'GET') =>
    new Request(`${ORIGIN}${path}`, { method, headers: { cookie, ...headers } });
  return { ...auth, cookie, cookies, request };
}

const reasonOf = (entry: Entry) => (entry.ok ? null : entry.reason);

type Application = Awaited<ReturnType<typeof startApplication>>;

/** One application for tests that change nothing in it. */
let application: Application;
before(async () => {
  application = await startApplication();
});
after(() => application[Symbol.asyncDispose]());

describe('the guard of an application', () => {
  it('returns the user and session of a request, and headers that keep the response from caches', async () => {
    const entry = await application.latchkey.guard(application.request('/notes'));
    assert.ok(entry.ok);
    assert.deepEqual([entry.user.username, entry.session.method], ['Ada', 'password']);
    assert.equal(entry.headers.get('cache-control'), 'no-store');
  });

  it('takes the request of Node.js, with the URL that it had before it was routed', async () => {
    const { latchkey, cookie } = application;
    const incoming = { method: 'GET', url: '/2', originalUrl: '/notes/2?x=1', headers: { cookie } };
    assert.ok((await latchkey.guard(incoming)).ok);
    const signedOut = await latchkey.guard({ ...incoming, headers: { accept: ['text/html'] } });
    assert.ok(!signedOut.ok);
    assert.equal(signedOut.response.headers.get('location'), '/login?next=%2Fnotes%2F2%3Fx%3D1');
  });

  it('redirects browsers to the login page, and answers API clients with 401', async () => {
    const { latchkey } = application;
    const turnedAway = async (path: string, accept: string, as?: 'page' | 'api') => {
      const request = new Request(ORIGIN + path, { headers: { accept } });
      const entry = await latchkey.guard(request, as === undefined ? {} : { as });
      assert.ok(!entry.ok);
      assert.equal(entry.reason, 'signed-out');
      return [entry.status, entry.response.headers.get('location')];
    };
    assert.deepEqual(await turnedAway('/notes', 'text/html'), [303, '/login?next=%2Fnotes']);
    assert.deepEqual(await turnedAway('/notes', 'application/json'), [401, null]);
    assert.deepEqual(await turnedAway('/api/notes', '*/*'), [401, null]);
    assert.deepEqual(await turnedAway('/notes', 'text/html', 'api'), [401, null]);
    assert.deepEqual(await turnedAway('/api/notes', '*/*', 'page'), [303, '/login?next=%2Fapi%2Fnotes']);
  });

  it('A29: refuses unsafe requests that do not come from a page of the application', async () => {
    const { latchkey, request, cookie } = application;
    for (const [headers, reason] of [
      [{ 'sec-fetch-site': 'same-site' }, 'cross-site'],
      [{ 'sec-fetch-site': 'cross-site' }, 'cross-site'],
      [{ origin: 'http://localhost:3001' }, 'cross-site'],
      [{ origin: 'null' }, 'no-origin'],
      [{}, 'no-origin'],
      [OWN, null],
      [{ origin: ORIGIN }, null],
    ] as const) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        assert.equal(reasonOf(await latchkey.guard(request('/notes', headers, method))), reason);
      assert.equal(reasonOf(await latchkey.guard(request('/notes', headers))), null, 'a GET changes nothing');
    }
    const withoutMethod = { url: '/notes', headers: { cookie } };
    assert.equal(reasonOf(await latchkey.guard(withoutMethod)), 'no-origin', 'its method may be any');
  });

  it('A29: refuses a WebSocket that a page of another origin opens', async () => {
    const { latchkey, request } = application;
    const handshake = { upgrade: 'websocket', connection: 'Upgrade' };
    const from = async (headers: HeaderFields) =>
      reasonOf(await latchkey.guard(request('/live', { ...handshake, ...headers })));
    assert.equal(await from({ origin: 'http://evil.localhost:3000' }), 'cross-site');
    assert.equal(await from({}), 'no-origin');
    assert.equal(await from({ origin: ORIGIN }), null);
  });

  it('A29: shows a refusal as a page or as a problem, as the route asks', async () => {
    const refusedAs = async (as: 'page' | 'api') => {
      const forged = application.request('/notes', { 'sec-fetch-site': 'cross-site' }, 'POST');
      const entry = await application.latchkey.guard(forged, { as });
      assert.ok(!entry.ok);
      return [entry.status, entry.response.headers.get('content-type')];
    };
    assert.deepEqual(await refusedAs('page'), [403, 'text/html; charset=utf-8']);
    assert.deepEqual(await refusedAs('api'), [403, 'application/problem+json']);
  });

  it('admits only users with the role that a route requires', async () => {
    const entry = await application.latchkey.guard(application.request('/admin'), { role: 'admin' });
    assert.deepEqual([reasonOf(entry), entry.ok || entry.status], ['role-missing', 403]);
  });

  it('A37 admits only sessions with a second factor where a route requires it', async () => {
    await using application = await startApplication();
    const { latchkey, request, clock } = application;
    const page = await latchkey.guard(request('/vault'), { aal: 2 });
    assert.ok(!page.ok);
    assert.deepEqual(
      [page.reason, page.status, page.response.headers.get('location')],
      ['second-factor-missing', 303, '/account/security'],
    );
    const api = await latchkey.guard(request('/vault'), { aal: 2, as: 'api' });
    assert.ok(!api.ok);
    assert.equal(api.status, 401);
    assert.match(await api.response.text(), /"second-factor-required"/);
    const ada = createVisitor((sent) => latchkey.fetch(sent), ORIGIN);
    await ada.register('Adele', ADA.password);
    await ada.signIn('Adele', ADA.password);
    const offered = await ada.get(AUTHENTICATOR);
    const app = authenticatorOf({ clock: { read: clock.now } }, offeredSecret(offered), []);
    await ada.submit(AUTHENTICATOR, { setup: setupIn(offered), code: app.code() });
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    assert.equal(reasonOf(await latchkey.guard(request('/vault', { cookie }), { aal: 2 })), null);
    const both = (await latchkey.session(request('/', { cookie })))?.session;
    const { proof, secondFactor, authentication } = both ?? {};
    assert.deepEqual(authentication, {
      aal: 2,
      methods: ['password', 'totp'],
      at: proof?.at,
      secondFactorAt: secondFactor?.at,
    });
    const other = await latchkey.session(request('/'));
    assert.deepEqual(
      [other?.session.authentication.aal, other?.session.authentication.secondFactorAt],
      [1, null],
    );
  });

  it('A39 asks for the factor of a user whose browser is remembered, where a route requires one', async () => {
    await using application = await startApplication({ mfaRemember: '30d' });
    const { latchkey, request, clock } = application;
    const ada = createVisitor((sent) => latchkey.fetch(sent), ORIGIN);
    await ada.register('Adele', ADA.password);
    await ada.signIn('Adele', ADA.password);
    const offered = await ada.get(AUTHENTICATOR);
    const app = authenticatorOf({ clock: { read: clock.now } }, offeredSecret(offered), []);
    await ada.submit(AUTHENTICATOR, { setup: setupIn(offered), code: app.code() });
    await ada.signOut();
    await ada.signIn('Adele', ADA.password);
    await ada.submit(AUTHENTICATOR_STEP, { code: app.code(1), 'remember-device': 'on' });
    await ada.signOut();
    assert.equal((await ada.signIn('Adele', ADA.password)).location, '/dashboard');
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await latchkey.guard(request('/vault', { cookie }), { aal: 2 });
    assert.ok(!page.ok);
    assert.deepEqual(
      [page.reason, page.response.headers.get('location')],
      ['second-factor-missing', '/account/confirm?next=%2Fvault'],
    );
    const session = (await latchkey.session(request('/vault', { cookie })))?.session;
    assert.deepEqual([session?.authentication.aal, session?.secondFactor], [1, null]);
  });

  it('A38: asks users to authenticate again where a route requires it', async () => {
    await using application = await startApplication();
    const { latchkey, request } = application;
    assert.equal(reasonOf(await latchkey.guard(request('/danger'), { fresh: true })), null);
    application.clock.advance('10m');
    assert.equal(reasonOf(await latchkey.guard(request('/danger'))), null);
    const page = await latchkey.guard(request('/danger?x=1'), { fresh: true });
    assert.ok(!page.ok);
    assert.equal(page.response.headers.get('location'), '/account/confirm?next=%2Fdanger%3Fx%3D1');
    const api = await latchkey.guard(request('/danger'), { fresh: true, as: 'api' });
    assert.ok(!api.ok);
    const { problems } = z
      .object({ problems: z.array(z.object({ reason: z.string() })) })
      .parse(await api.response.json());
    assert.deepEqual([api.status, problems[0]?.reason], [401, 'fresh-authentication-required']);
  });
});

describe('an application without a framework', () => {
  it('gets null for paths that are not of Latchkey, and for those that each site has once', async () => {
    const { latchkey } = application;
    for (const path of [
      '/',
      '/notes',
      '/favicon.ico',
      '/robots.txt',
      '/healthz',
      '/readyz',
      '/loginx',
      '/api',
    ])
      assert.equal(await latchkey.handle(new Request(ORIGIN + path), 'unknown'), null, path);
    for (const [path, status] of [
      ['/login', 200],
      ['/login/', 308],
      ['/account', 303],
      ['/api/session', 401],
      ['/.well-known/change-password', 303],
    ] as const)
      assert.equal((await latchkey.handle(new Request(ORIGIN + path), 'unknown'))?.status, status, path);
    const wrongMethod = new Request(`${ORIGIN}/login`, { method: 'DELETE' });
    assert.equal((await latchkey.handle(wrongMethod, 'unknown'))?.status, 405);
  });

  it('knows the session of a request from its headers alone', async () => {
    const { latchkey, cookie } = application;
    assert.equal((await latchkey.session(new Headers({ cookie })))?.user.username, 'Ada');
    assert.equal((await latchkey.session({ headers: { cookie } }))?.user.username, 'Ada');
    assert.equal(await latchkey.session(new Headers()), null);
  });

  it('signs a user out with headers that end the session in the browser, too', async () => {
    await using application = await startApplication({ signOutClears: 'storage' });
    const { latchkey, request } = application;
    const headers = await latchkey.signOut(request('/leave', OWN, 'POST'));
    assert.match(String(headers.getSetCookie()), /latchkey=; Max-Age=0/);
    assert.deepEqual([headers.get('location'), headers.get('clear-site-data')], ['/login', '"storage"']);
    assert.equal(await latchkey.session(request('/')), null);
    assert.equal((await latchkey.signOut(request('/leave'))).get('location'), '/login', 'a second time');
  });

  it('A28: is served under the host that the client named, however its framework writes the URL', async () => {
    const { latchkey } = application;
    const listening = (host: string) => new Request('http://0.0.0.0:3000/login', { headers: { host } });
    assert.equal((await latchkey.handle(listening('localhost:3000'), 'unknown'))?.status, 200);
    assert.equal((await latchkey.handle(listening('evil.example'), 'unknown'))?.status, 421);
    assert.equal((await latchkey.handle(new Request('http://evil.example/login'), 'unknown'))?.status, 421);
    for (const host of [
      'localhost:3000/x',
      'a@localhost:3000',
      'local host',
      'localhost:99999',
      'localhost, x',
    ]) {
      const headers = { host, 'x-forwarded-host': 'localhost:3000' };
      const request = new Request(`${ORIGIN}/login`, { headers });
      assert.equal((await latchkey.handle(request, 'unknown'))?.status, 421, host);
    }
  });

  it('shares a host name with another instance whose cookies have another prefix', async () => {
    const { latchkey, request, cookie } = application;
    await using other = await startApplication({ cookiePrefix: 'notes' });
    assert.deepEqual(
      other.cookies.filter(({ name }) => !name.startsWith('notes')),
      [],
    );
    const both = { cookie: `${cookie}; ${other.cookie}` };
    assert.ok((await latchkey.guard(request('/', both))).ok);
    assert.ok((await other.latchkey.guard(request('/', both))).ok);
    const ended = await other.latchkey.signOut(request('/', both));
    assert.deepEqual(
      ended.getSetCookie().filter((line) => !line.startsWith('notes')),
      [],
    );
    assert.ok((await latchkey.guard(request('/', both))).ok);
  });
});
