import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WITH_TOKENS } from '../kit/api-tokens.ts';
import { A_PROVIDER, acme, startTwinProvider } from '../kit/federation.ts';
import { reachInside, startSystem, usernamesIn } from '../kit/system.ts';
import { ADA, BEN, type Visitor } from '../kit/visitor.ts';

const FOREIGN = 'https://evil.example';

async function adaSignedIn(visitor: Visitor): Promise<Visitor> {
  await visitor.register(ADA.username, ADA.password);
  await visitor.signIn(ADA.username, ADA.password);
  return visitor;
}

describe('a form', () => {
  it('A29: is refused without a CSRF token, with the token of another browser, and with a modified token', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    const token = await ada.token('/dashboard');
    const others = await system.visitor().token('/login');
    for (const csrf of ['', others, token.slice(0, -1), `${token}A`, token.toLowerCase(), 'null']) {
      assert.equal((await ada.post('/logout', { csrf })).status, 403, csrf);
    }
    assert.equal((await ada.get('/api/session')).status, 200, 'she is still signed in');
    assert.equal((await ada.post('/logout', { csrf: token })).status, 303);
  });

  it('A29: rendered before sign-in is refused after it, and the other way round', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const before = await ada.token('/login');
    const visitorCookie = String(ada.cookies.get('latchkey-visitor'));
    await ada.post('/login', { csrf: before, username: ADA.username, password: ADA.password });
    const during = await ada.token('/dashboard');
    assert.equal((await ada.post('/logout', { csrf: before })).status, 403);
    await ada.signOut();
    ada.cookies.set('latchkey-visitor', visitorCookie);
    const again = await ada.post('/login', { csrf: during, username: ADA.username, password: ADA.password });
    assert.equal(again.status, 403);
  });

  it('A29: rendered before sign-in stays refused after sign-out', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const csrf = await ada.token('/login');
    await ada.post('/login', { csrf, ...ADA });
    await ada.signOut();
    assert.equal((await ada.post('/login', { csrf, ...ADA })).status, 403);
  });

  it('A29: of one user is refused in the session of another user', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password);
    await ben.signIn(BEN.username, BEN.password);
    assert.equal((await ada.post('/logout', { csrf: await ben.token('/dashboard') })).status, 403);
  });

  it('A29: is refused when it is sent cross-site, whatever its token', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    const csrf = await ada.token('/dashboard');
    const from = (headers: Record<string, string>) => ada.post('/logout', { csrf }, headers);
    const old = { 'sec-fetch-site': '' };
    assert.equal((await from({ 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await from({ 'sec-fetch-site': 'same-site' })).status, 403, 'a sibling domain');
    assert.equal((await from({ 'sec-fetch-site': 'cross-site', origin: system.origin })).status, 403);
    for (const origin of ['null', '', FOREIGN, `${system.origin}.evil.example`, `${system.origin}:1`]) {
      assert.equal((await from({ ...old, origin })).status, 403, `Origin: ${origin}`);
    }
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('A29: from a browser without Sec-Fetch-Site is accepted or refused by its Origin header', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    const csrf = await ada.token('/dashboard');
    const request = (origin: string | undefined) =>
      new Request(`${system.origin}/logout`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ csrf }).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          cookie: [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(origin !== undefined && { origin }),
        },
      });
    assert.equal((await system.fetch(request(undefined))).status, 403, 'neither header');
    assert.equal((await system.fetch(request(FOREIGN))).status, 403);
    assert.equal((await system.fetch(request(system.origin))).status, 303);
  });

  it('A29: from an unencrypted page of the same host is refused behind a proxy that ends TLS', async () => {
    await using system = await startSystem({ baseUrl: 'https://login.example.org' });
    const visitor = system.visitor();
    const csrf = await visitor.token('/register');
    const post = (origin: string) =>
      system.fetch(
        // As forwarded by the proxy.
        new Request('http://login.example.org/register', {
          method: 'POST',
          redirect: 'manual',
          body: new URLSearchParams({ csrf, ...ADA }).toString(),
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            origin,
          },
        }),
      );
    assert.equal((await post('http://login.example.org')).status, 403);
    assert.equal((await post(system.origin)).status, 303);
  });

  it('A29: cannot sign a victim in as the attacker, because the login form needs a token of the same browser', async () => {
    await using system = await startSystem();
    const attacker = system.visitor();
    await attacker.register(BEN.username, BEN.password);
    const csrf = await attacker.token('/login');
    const victim = system.visitor();
    const answer = await victim.post('/login', { csrf, username: BEN.username, password: BEN.password });
    assert.equal(answer.status, 403);
    assert.equal(victim.cookies.has('latchkey'), false);
  });

  it('A29: is required for every change, and a link alone changes nothing', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    for (const path of [
      '/logout',
      '/logout?csrf=x',
      '/login?username=Ada&password=x',
      '/register?username=eve',
    ]) {
      await ada.get(path);
    }
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('A29: needs its CSRF token on every POST route, except those that declare what they change without one', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem({
      cspReports: 'on',
      ...WITH_TOKENS,
      ...A_PROVIDER,
      ...acme(provider),
    });
    const ada = await adaSignedIn(system.visitor());
    const { features } = reachInside(system, 'no page lists the routes');
    const routes = features.flatMap(({ routes }) => routes);
    const without = new Map<string, string>();
    for (const route of routes.filter((route) => route.method === 'POST' && !('body' in route))) {
      const { status } = await ada.post(route.path, { csrf: 'x' });
      if ('changes' in route) without.set(route.path, route.changes);
      else assert.equal(status, 403, route.path);
    }
    // A form post from a provider comes from another origin, and is only redirected to a GET. A provider signs its own
    // message
    // about a sign-out there; GitHub cannot. A device has neither cookies nor our pages.
    const expected = {
      '/csp-reports': 'nothing',
      '/oauth/acme/callback': 'nothing',
      '/oauth/acme/backchannel-logout': 'what-is-signed',
      '/oauth/github/callback': 'nothing',
      '/device/code': 'nothing',
      '/device/token': 'what-is-approved',
    };
    assert.deepEqual(Object.fromEntries(without), expected, 'another one is a decision');
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('A30: is refused as JSON, as plain text, as multipart and in another charset', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    const csrf = await visitor.token('/register');
    const types = [
      'application/json',
      'application/json;x',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded; charset=utf-7',
      'application/x-www-form-urlencoded, application/json',
    ];
    for (const type of types) {
      const answer = await visitor.post('/register', { csrf, ...ADA }, { 'content-type': type });
      assert.equal(answer.status, 415, type);
    }
  });

  it('A30: is not shared with another origin: no answer has CORS headers, and a preflight is refused', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    for (const path of ['/api/session', '/dashboard', '/login', '/healthz']) {
      const { headers } = await ada.get(path, { origin: FOREIGN });
      const allowing = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
      assert.deepEqual(allowing, [], path);
    }
    const preflight = await system.fetch(
      new Request(`${system.origin}/api/session`, {
        method: 'OPTIONS',
        headers: { origin: FOREIGN, 'access-control-request-method': 'GET' },
      }),
    );
    assert.equal(preflight.status, 405);
    assert.equal(preflight.headers.get('allow'), 'GET, HEAD');
  });

  it('A30: keeps its HTTP method, whatever override a header or a field requests', async () => {
    await using system = await startSystem();
    const ada = await adaSignedIn(system.visitor());
    await ada.get('/logout?_method=POST', { 'x-http-method-override': 'POST', 'x-method-override': 'POST' });
    assert.equal((await ada.get('/api/session')).status, 200);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'POST']) {
      const response = await system.fetch(new Request(`${system.origin}/api/session`, { method }));
      assert.equal(response.status, 405, method);
    }
  });

  it('A30: is refused when a field occurs twice', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    const csrf = await visitor.token('/login');
    const cookie = `latchkey-visitor=${visitor.cookies.get('latchkey-visitor')}`;
    const body = `csrf=${csrf}&username=Ada&username=Ben&password=x`;
    const headers = {
      cookie,
      origin: system.origin,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const response = await system.fetch(
      new Request(`${system.origin}/login`, { method: 'POST', body, headers }),
    );
    assert.equal(response.status, 400);
  });

  it('A17: sets only its own fields, and additional ones are ignored', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    await visitor.submit('/register', {
      ...ADA,
      id: '00000000-0000-7000-8000-000000000000',
      role: 'admin',
      emailVerified: 'true',
      email_verified_at: '1',
      disabled_at: '1',
    });
    await visitor.signIn(ADA.username, ADA.password);
    const { user } = JSON.parse((await visitor.get('/api/session')).body);
    assert.notEqual(user.id, '00000000-0000-7000-8000-000000000000');
    assert.deepEqual(Object.keys(user).sort(), ['email', 'emailVerified', 'id', 'username']);
    assert.equal(user.emailVerified, false);
  });
});
