import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { A_PROVIDER } from '../kit/federation.ts';
import { FORGOTTEN, RESET, requestResetPath, startWithAda } from '../kit/mailed-links.ts';
import { startSystem } from '../kit/system.ts';
import {
  ADA,
  BEN,
  isSignedIn,
  NEW_PASSWORD,
  PASSWORD_PAGE,
  registerAndSignIn,
  signInAs,
  tokenIn,
  type Visitor,
} from '../kit/visitor.ts';

const STALE = /Nothing was sent: this form was out of date\./;

/** The value of a field of a page. */
function enteredIn(page: string, name: string): string | undefined {
  return new RegExp(`name="${name}"[^>]*? value="([^"]*)"`, 's').exec(page)?.[1];
}

/** Submits the form of a page again as it was rendered, with a password. */
function sendAgain(visitor: Visitor, path: string, page: string, fields: Record<string, string>) {
  return visitor.post(path, { csrf: tokenIn(page), ...fields });
}

describe('a public form that was rendered before the browser signed in in another tab', () => {
  it('A61 P06 redirects to the page that its user requested', async () => {
    await using system = await startSystem({ magicLink: 'on', email: 'optional', ...A_PROVIDER });
    const ada = await startTab(system.visitor());
    for (const [path, page, fields, location] of [
      ['/login', '/login?next=%2Faccount', { ...ADA, next: '/account' }, '/account'],
      ['/login', '/login', ADA, '/dashboard'],
      ['/login', '/login', { ...ADA, next: 'https://evil.example/' }, '/dashboard'],
      ['/register', '/register', BEN, '/dashboard'],
      [FORGOTTEN, FORGOTTEN, { username: ADA.username }, '/dashboard'],
      ['/login/link', '/login/link', { username: ADA.username, next: '/account' }, '/account'],
      ['/oauth/github', '/login', { next: '/account' }, '/account'],
    ] as const) {
      const csrf = await ada.tokenBefore(page);
      const answer = await ada.browser.post(path, { csrf, ...fields });
      assert.deepEqual(
        [answer.status, answer.location],
        [303, location],
        `${path} ${answer.body.slice(-700)}`,
      );
    }
    assert.equal(await isSignedIn(ada.browser), true);
  });
});

/** A browser that signs in while a form of another tab is open. */
async function startTab(browser: Visitor) {
  await browser.register(ADA.username, ADA.password);
  return {
    browser,
    tokenBefore: async (page: string) => {
      browser.cookies.clear();
      const csrf = await browser.token(page);
      await signInAs(browser);
      return csrf;
    },
  };
}

describe('a form that has become stale', () => {
  it('A61 P06 is rendered again with the entered values, except for passwords, and works then', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const browser = system.visitor();
    const csrf = await browser.token('/login?next=%2Faccount');
    browser.cookies.clear();
    const fields = { ...ADA, remember: 'on', next: '/account' };
    const { status, body } = await browser.post('/login', { csrf, ...fields });
    assert.equal(status, 403);
    assert.match(body, STALE);
    assert.equal(enteredIn(body, 'username'), ADA.username);
    assert.equal(enteredIn(body, 'next'), '/account');
    assert.match(body, /name="remember"[^>]* checked/);
    assert.doesNotMatch(body, new RegExp(ADA.password));
    assert.equal((await sendAgain(browser, '/login', body, fields)).location, '/account');
    assert.ok(
      system.events.some((event) => event.type === 'request-refused' && event.reason === 'stale-form'),
    );
  });

  it('A61 keeps the name and the address of a registration', async () => {
    await using system = await startSystem();
    const browser = system.visitor();
    const csrf = await browser.token('/register');
    browser.cookies.clear();
    const fields = { ...ADA, email: 'ada@example.org' };
    const { status, body } = await browser.post('/register', { csrf, ...fields });
    assert.equal(status, 403);
    assert.deepEqual([enteredIn(body, 'username'), enteredIn(body, 'email')], [ADA.username, fields.email]);
    assert.equal((await browser.submit('/register', fields)).location, '/login');
  });

  it('P58 of one account does nothing in the session of another, and says which account is signed in', async () => {
    await using system = await startSystem();
    const browser = await registerAndSignIn(system.visitor());
    const csrf = await browser.token(PASSWORD_PAGE);
    const ben = await registerAndSignIn(system.visitor(), BEN);
    const form = { csrf, 'new-password': NEW_PASSWORD };
    const { status, body } = await ben.post(PASSWORD_PAGE, form);
    assert.equal(status, 403);
    assert.match(body, STALE);
    assert.match(body, /<bdi>Ben<\/bdi>/);
    assert.equal((await sendAgain(ben, PASSWORD_PAGE, body, { 'new-password': NEW_PASSWORD })).status, 303);
    await signInAs(system.visitor(), { ...BEN, password: NEW_PASSWORD });
    await signInAs(system.visitor());
  });

  it('A61 of an account is rendered again on its own page', async () => {
    await using system = await startSystem();
    const csrf = await (await registerAndSignIn(system.visitor(), BEN)).token('/account/sessions');
    const ada = await registerAndSignIn(system.visitor());
    for (const path of [
      '/account/sessions/end',
      '/account/sessions/end-others',
      '/account/email',
      '/logout',
    ]) {
      const { status, body } = await ada.post(path, { csrf, session: 'x', email: 'ada@example.org' });
      assert.equal(status, 403, path);
      assert.match(body, STALE, path);
      if (path === '/account/email') assert.equal(enteredIn(body, 'email'), 'ada@example.org');
    }
    assert.equal(await isSignedIn(ada), true);
  });

  it('A29 is refused without being rendered again if it was never rendered here, or was sent by a third-party site', async () => {
    await using system = await startSystem();
    const ada = await registerAndSignIn(system.visitor());
    const others = await system.visitor().token('/login');
    for (const csrf of ['', 'x', 'A'.repeat(108), `${others}x`])
      assert.doesNotMatch((await ada.post('/login', { csrf, ...BEN })).body, STALE);
    const headers = { 'sec-fetch-site': 'cross-site' };
    const answer = await ada.post('/login', { csrf: others, ...BEN, next: '/account' }, headers);
    assert.equal(answer.status, 403);
    assert.doesNotMatch(answer.body, STALE);
    const program = await ada.post('/login', { csrf: others, ...BEN }, { accept: 'application/json' });
    assert.deepEqual(
      [program.status, program.headers.get('content-type')],
      [403, 'application/problem+json'],
    );
  });
});

onEveryDatabase('a form behind a link that has become stale', (engine) => {
  it('A61 is rendered again for the same link', async () => {
    await using system = await startWithAda(engine, { email: 'optional' });
    const bens = 'ben@example.net';
    await system.visitor().register(BEN.username, BEN.password, bens);
    const browser = system.visitor();
    const shown = String((await browser.get(await requestResetPath(system))).location);
    const csrf = await browser.token(shown);
    await browser.get(await requestResetPath(system, bens));
    browser.cookies.delete('latchkey-visitor');
    const stale = await browser.post(RESET, { csrf, 'new-password': NEW_PASSWORD });
    assert.equal(stale.status, 403);
    assert.match(stale.body, /the account of Ada/);
    const answer = await sendAgain(browser, RESET, stale.body, { 'new-password': NEW_PASSWORD });
    assert.equal(answer.location, '/login');
    await signInAs(system.visitor(), { ...ADA, password: NEW_PASSWORD });
  });
});
