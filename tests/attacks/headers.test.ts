import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { A_PROVIDER } from '../kit/federation.ts';
import { reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, parseSetCookie } from '../kit/visitor.ts';

const EXPECTED = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
};
const SECURE = { baseUrl: 'https://login.example.org' };

/** Every declared route in every method, signed in and not, and requests that no route handles. */
async function everyAnswer(system: TestSystem) {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  const answers: {
    readonly what: string;
    readonly headers: Headers;
    readonly status: number;
    readonly path: string;
  }[] = [];
  const { features } = reachInside(system, 'no page lists the routes');
  const declared = features.flatMap(({ routes }) => routes.map(({ path }) => path));
  const paths = [...new Set<string>(declared), '/nowhere', '/account/x.css', `/${'x'.repeat(8_001)}`];
  for (const path of paths) {
    for (const visitor of [system.visitor(), ada]) {
      for (const accept of ['text/html', 'application/json']) {
        const got = await visitor.get(path, { accept });
        answers.push({ what: `GET ${path} as ${accept}`, path, ...got });
        const posted = await visitor.post(path, { csrf: 'x' }, { accept });
        answers.push({ what: `POST ${path} as ${accept}`, path, ...posted });
      }
    }
  }
  return answers;
}

const PAGES =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const NO_PAGES = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

describe('every HTTP response', () => {
  it('has the fixed security headers, including errors and files', async () => {
    await using system = await startSystem(A_PROVIDER);
    for (const { what, headers } of await everyAnswer(system)) {
      for (const [name, value] of Object.entries(EXPECTED)) assert.equal(headers.get(name), value, what);
      assert.match(String(headers.get('permissions-policy')), /camera=\(\)/, what);
      assert.equal(headers.get('strict-transport-security'), null, 'no HSTS on http');
      assert.equal(headers.get('server') ?? headers.get('x-powered-by'), null, what);
    }
  });

  it('I25 has a challenge with each 401, in a scheme for which no browser opens a dialog', async () => {
    await using system = await startSystem();
    const visitor = system.visitor();
    const answers = [
      await visitor.submit('/login', { username: 'nobody', password: 'nine copper kettles sing' }),
      await visitor.get('/api/session', { accept: 'application/json' }),
      await visitor.get('/api/session/check'),
      await visitor.get('/account', { accept: 'application/json' }),
    ];
    for (const { status, headers } of answers)
      assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Cookie realm="sign in"']);
    assert.equal((await visitor.get('/login')).headers.get('www-authenticate'), null);
  });

  it('A43: has a policy that lets a page load only files of this site, and anything else load nothing', async () => {
    await using system = await startSystem(A_PROVIDER);
    for (const { what, headers, path } of await everyAnswer(system)) {
      // A worker is not started in a sandbox.
      const others =
        path.startsWith('/assets/solver-') && headers.get('content-type')?.includes('javascript')
          ? NO_PAGES.replace('; sandbox', '')
          : NO_PAGES;
      const isPage = /^text\/html/.test(headers.get('content-type') ?? 'text/html');
      assert.equal(headers.get('content-security-policy'), isPage ? PAGES : others, what);
    }
  });

  it('A44: is excluded from every cache, except for the public files', async () => {
    await using system = await startSystem(A_PROVIDER);
    for (const { what, headers, path, status } of await everyAnswer(system)) {
      const isAsset = path.startsWith('/assets/') && status === 200;
      const isFile = isAsset || (status === 200 && ['/favicon.ico', '/robots.txt'].includes(path));
      const expected = isAsset
        ? 'public, max-age=31536000, immutable'
        : isFile
          ? 'public, max-age=86400'
          : 'no-store';
      assert.equal(headers.get('cache-control'), expected, what);
      if (isFile) assert.deepEqual(headers.getSetCookie(), [], what);
      assert.equal(headers.get('etag'), null, what);
    }
  });

  it('A44: is 404 when the path of a page is extended to look like a file', async () => {
    await using system = await startSystem(A_PROVIDER);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    for (const path of ['/dashboard/x.css', '/dashboard.css', '/dashboard;x.css', '/dashboard%2fx.css']) {
      assert.equal((await ada.get(path)).status, 404, path);
    }
    const redirect = await ada.get('/dashboard/');
    assert.deepEqual([redirect.status, redirect.location, redirect.body], [308, '/dashboard', '']);
  });

  it('requires HTTPS for two years on an HTTPS site', async () => {
    await using system = await startSystem({ ...SECURE, ...A_PROVIDER });
    for (const { what, headers } of await everyAnswer(system)) {
      assert.equal(headers.get('strict-transport-security'), 'max-age=63072000; includeSubDomains', what);
    }
  });

  it('A45: sets cookies on an HTTPS site that no sibling domain can plant and no script can read', async () => {
    await using system = await startSystem({ ...SECURE, ...A_PROVIDER });
    const cookies = (await everyAnswer(system)).flatMap(({ headers }) => headers.getSetCookie());
    const ada = system.visitor();
    const registered = await ada.register('Bea', ADA.password);
    const signedIn = await ada.signIn('Bea', ADA.password);
    cookies.push(...registered.headers.getSetCookie(), ...signedIn.headers.getSetCookie());
    const names = new Set<string>();
    for (const { name, attributes } of cookies.map(parseSetCookie)) {
      names.add(name);
      assert.match(name, /^__Host-latchkey/);
      assert.equal(attributes.get('path'), '/');
      assert.equal(attributes.get('samesite'), 'Lax');
      for (const flag of ['secure', 'httponly']) assert.ok(attributes.has(flag), `${name} is ${flag}`);
      assert.equal(attributes.has('domain'), false);
    }
    assert.deepEqual([...names].sort(), [
      '__Host-latchkey',
      '__Host-latchkey-device',
      '__Host-latchkey-flash',
      '__Host-latchkey-visitor',
    ]);
  });
});

describe('a session cookie on an HTTPS site', () => {
  it('A45: is ignored without the __Host- prefix', async () => {
    await using system = await startSystem({ ...SECURE, ...A_PROVIDER });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const token = String(ada.cookies.get('__Host-latchkey'));
    const tries = [
      `latchkey=${token}`,
      `__host-latchkey=${token}`,
      `__Secure-latchkey=${token}`,
      `=__Host-latchkey=${token}`,
    ];
    for (const cookie of tries) {
      assert.equal((await system.visitor().get('/api/session', { cookie })).status, 401, cookie);
    }
    const cookie = `__Host-latchkey=${token}`;
    assert.equal((await system.visitor().get('/api/session', { cookie })).status, 200);
  });
});
