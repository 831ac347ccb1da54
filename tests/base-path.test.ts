import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestLatchkey } from '../src/testing/index.ts';
import { EVERYTHING_ON } from './kit/everything-on.ts';
import { ADDRESS, mailsOf } from './kit/mailed-links.ts';
import { reachInside, settleRequests, startSystem, type TestSystem } from './kit/system.ts';
import { ADA, type Answer, createVisitor, type Visitor } from './kit/visitor.ts';

const BASE = '/auth';
const ORIGIN = 'http://localhost:3000';

/** The references of a page that do not lie below the base path; the bare `/` is the start page of the application. */
function strayIn({ body, headers, location }: Answer): readonly string[] {
  const written = [...body.matchAll(/ (?:href|src|action|formaction|data-[\w-]+)="([^"]*)"/g)];
  const policy = /report-uri (\S+)/.exec(headers.get('content-security-policy') ?? '')?.[1];
  const all = [...written.map(([, value = '']) => value), location ?? '', policy ?? ''];
  return all.filter((value) => value.startsWith('/') && value !== '/' && !value.startsWith(`${BASE}/`));
}

async function startBelow(): Promise<TestSystem> {
  return startSystem({ ...EVERYTHING_ON, registrationMinTime: '0s', basePath: BASE });
}

/** The path of the link in the newest mail of a name. */
async function linkIn(system: TestSystem, name: string): Promise<string> {
  const [mail] = await mailsOf(system, name);
  const link = /https?:\/\/\S+token=\S+/.exec(mail?.text ?? '')?.[0] ?? '';
  const { origin, pathname, search } = new URL(link);
  assert.ok(origin === ORIGIN && pathname.startsWith(`${BASE}/`), link);
  return pathname + search;
}

/** Registers Ada and confirms her address by the mailed link. */
async function registerAda(system: TestSystem, ada: Visitor): Promise<void> {
  const { username, password } = ADA;
  await ada.submit(`${BASE}/register`, { username, password, email: ADDRESS });
  const opened = await ada.get(await linkIn(system, 'confirm-address'));
  assert.deepEqual(strayIn(opened), []);
  const confirmed = await ada.submit(`${BASE}/verify-email`, {});
  assert.equal(confirmed.location, `${BASE}/login`);
}

describe('below a base path', () => {
  it('every page refers to pages and files below it only, for visitors and for users', async () => {
    await using system = await startBelow();
    const visitor = system.visitor();
    const ada = system.visitor();
    await registerAda(system, ada);
    assert.equal(
      (await ada.submit(`${BASE}/login`, { username: ADA.username, password: ADA.password })).location,
      `${BASE}/dashboard`,
    );
    const { features } = reachInside(system, 'to ask every page that there is');
    const pages = features
      .flatMap(({ routes }) => routes)
      .filter(
        ({ method, path }) => method === 'GET' && !path.includes(':') && !path.startsWith('/.well-known/'),
      );
    assert.ok(pages.length > 30);
    const unknown = await visitor.get(`${BASE}/no-page`);
    assert.equal(unknown.status, 404);
    assert.deepEqual(strayIn(unknown), []);
    for (const route of pages) {
      const isOfSite = 'isOfSite' in route && route.path !== '/';
      const path = isOfSite ? route.path : `${BASE}${route.path === '/' ? '' : route.path}`;
      for (const browser of [visitor, ada]) {
        const answer = await browser.get(path);
        // The mailbox of development is for this machine alone.
        assert.equal(answer.body === unknown.body, route.path.startsWith('/dev/'), path);
        assert.deepEqual(strayIn(answer), [], path);
      }
      assert.equal(isOfSite || (await visitor.get(route.path)).status === 404, true, route.path);
    }
    assert.equal((await visitor.get('/.well-known/change-password')).location, `${BASE}/account/password`);
  });

  it('a user is led back to the page that was wanted, of Latchkey or of the application', async () => {
    await using system = await startSystem({ registrationMinTime: '0s', basePath: BASE });
    const ada = system.visitor();
    const { username, password } = ADA;
    await ada.submit(`${BASE}/register`, { username, password });
    const away = await ada.get(`${BASE}/account/sessions`);
    assert.equal(away.location, `${BASE}/login?next=%2Fauth%2Faccount%2Fsessions`);
    const signIn = async (next: string) => {
      const form = `${BASE}/login?next=${encodeURIComponent(next)}`;
      return ada.post(`${BASE}/login`, { csrf: await ada.token(form), username, password, next });
    };
    assert.equal((await signIn('/auth/account/sessions')).location, '/auth/account/sessions');
    assert.equal((await ada.submit(`${BASE}/logout`, {})).location, `${BASE}/login`);
    assert.equal((await signIn('/account')).location, '/account', 'a page of the application');
    const again = await ada.get(`${BASE}/login?next=%2Fnotes`);
    assert.equal(again.location, '/notes', 'a user who is signed in goes on at once');
    await ada.submit(`${BASE}/logout`, {});
    const json = await ada.postJson(`${BASE}/api/login`, { username, password, next: '/notes' });
    assert.deepEqual(JSON.parse(json.body).next, '/notes');
    assert.equal((await ada.get(`${BASE}/api/session`)).status, 200);
    const { body } = await ada.postJson(`${BASE}/api/logout`, {});
    assert.equal(JSON.parse(body).next, `${BASE}/login`);
    assert.equal(
      (await ada.get(`${BASE}/api/session`)).headers.get('content-type'),
      'application/problem+json',
    );
  });

  it('mails and commands lead to it', async () => {
    await using system = await startBelow();
    const ada = system.visitor();
    await registerAda(system, ada);
    await ada.submit(`${BASE}/forgot-password`, { username: ADA.username });
    await settleRequests(system);
    const reset = await linkIn(system, 'reset-password');
    const opened = await ada.get(reset);
    assert.match(String(opened.location), /^\/auth\/reset-password\?flow=/);
    await ada.submit(`${BASE}/login/link`, { username: ADA.username });
    await settleRequests(system);
    assert.match(await linkIn(system, 'magic-link'), /^\/auth\/login\/link\/open\?token=/);
  });

  it('an application that embeds Latchkey has all other paths for itself, and guards them', async () => {
    await using auth = createTestLatchkey({
      basePath: '/auth',
      after: { signIn: '/account', signOut: '/' },
    });
    const { latchkey } = auth;
    for (const path of ['/', '/account', '/login', '/authors', '/healthz'])
      assert.equal(await latchkey.handle(new Request(ORIGIN + path), 'unknown'), null, path);
    const turnedAway = await latchkey.guard(new Request(`${ORIGIN}/notes`));
    assert.ok(!turnedAway.ok);
    assert.equal(turnedAway.response.headers.get('location'), '/auth/login?next=%2Fnotes');
    const ada = createVisitor((request) => latchkey.fetch(request, 'unknown'), ORIGIN);
    const { username, password } = ADA;
    await ada.submit('/auth/register', { username, password });
    assert.equal((await ada.submit('/auth/login', { username, password })).location, '/account');
    assert.equal((await ada.get('/auth')).location, '/account');
    assert.match((await ada.get('/auth/account/sessions')).body, /href="http:\/\/localhost:3000\/account"/);
    assert.equal((await ada.get('/auth/dashboard')).status, 404, 'the application has a page of its own');
    assert.equal((await ada.submit('/auth/logout', {})).location, '/');
  });
});
