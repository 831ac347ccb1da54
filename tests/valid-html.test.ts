import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { MINUTE } from '../src/platform/runtime/clock.ts';
import { loadAssets } from '../src/platform/web/index.ts';
import { errorPage } from '../src/platform/web/pages/error-page.ts';
import { english } from '../src/platform/words/index.ts';
import {
  beginDevice,
  DEVICE_PAGE,
  enterCode,
  grantIn,
  NEW_TOKEN,
  READ,
  TOKENS_PAGE,
  WITH_TOKENS,
} from './kit/api-tokens.ts';
import { LISTED_PASSWORD, setPassword } from './kit/breached-passwords.ts';
import type { TestClock } from './kit/clock.ts';
import {
  acme,
  redirectTarget,
  returnFromProvider,
  startTwinProvider,
  type TwinProvider,
} from './kit/federation.ts';
import { ERROR_STATUSES, LONG_NAME, unreadMessages } from './kit/pages.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_STEP,
  RECOVERY_CODES,
  RECOVERY_STEP,
  SECURITY,
  setUpAuthenticator,
  setupIn,
} from './kit/second-factors.ts';
import { startSystem, type TestSystem } from './kit/system.ts';
import {
  ADA,
  BEN,
  browsersOf,
  DEVICES_PAGE,
  endOtherSessions,
  registerAndSignIn,
  signInOn,
  type Visitor,
  WRONG_PASSWORD,
} from './kit/visitor.ts';

const MAXIMUM_PAGE_BYTES = 30_000;

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  rules: {
    'doctype-style': 'off',
    // HTML §6.8.5 allows `autocapitalize` on every element; a password field needs it for when it is shown.
    'input-attributes': 'off',
    'long-title': 'off',
    'no-inline-style': 'error',
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
  },
});

/** The source of every page in every state of it. */
async function everyPage(system: TestSystem): Promise<Readonly<Record<string, string>>> {
  const { clock } = system;
  const ada = system.visitor();
  const pages = {
    ...(await sessionsPages(system)),
    register: await ada.get('/register'),
    'register with problems': await ada.submit('/register', { username: 'ad', email: 'x', password: 'x' }),
    'register with a next': await ada.get('/register?next=%2Fdashboard%3Fa%26b'),
    registered: await ada.register(LONG_NAME, ADA.password, 'ada@example.org'),
    login: await ada.get('/login'),
    'login with a next': await ada.get('/login?next=%2Fdashboard%3Fa%26b'),
    'login refused': await ada.signIn(LONG_NAME, WRONG_PASSWORD),
    'login left empty': await ada.submit('/login', {}),
    'signed in': await ada.signIn(LONG_NAME, ADA.password),
    dashboard: await ada.get('/dashboard'),
    logout: await ada.get('/logout'),
    ...(await accountPages(ada, clock)),
    'no such page': await ada.get('/nowhere'),
    'signed out': await ada.signOut(),
    'login after signing out': await ada.get('/login'),
    ...(await newPasswordPages(system)),
    ...(await factorPages(system)),
  };
  const shown = Object.entries(pages).filter(([, { body }]) => body !== '');
  return Object.fromEntries(shown.map(([name, { body }]) => [name, body]));
}

/** The page of a user's sessions: with unusual browsers, with events, and with a single one. */
async function sessionsPages(system: TestSystem) {
  const [ben] = await browsersOf(system, BEN, 2);
  assert.ok(ben);
  await signInOn(system.visitor(), BEN, { userAgent: `"<&'\u0085${'x'.repeat(400)}`, isRemembered: true });
  await signInOn(system.visitor(), BEN, { userAgent: '' });
  const sessions = await ben.get(DEVICES_PAGE);
  await endOtherSessions(ben);
  const ended = await ben.get(DEVICES_PAGE);
  return { sessions, 'others signed out': ended, 'the only session': await ben.get(DEVICES_PAGE) };
}

/** The pages between a breached password and the session. */
async function newPasswordPages(system: TestSystem) {
  await setPassword(system, BEN.username, LISTED_PASSWORD);
  const ben = system.visitor();
  await ben.signIn(BEN.username, LISTED_PASSWORD);
  const path = '/login/new-password';
  return {
    'new password': await ben.get(path),
    'new password refused': await ben.submit(path, { 'new-password': LISTED_PASSWORD }),
    'sign-in left': await ben.post('/login/cancel', { csrf: await ben.token(path) }),
    'login after leaving': await ben.get('/login'),
  };
}

/** The pages of second factors, in every state. */
async function factorPages(system: TestSystem) {
  const cleo = await registerAndSignIn(system.visitor(), { username: 'Cleo', password: ADA.password });
  const none = { security: await cleo.get(SECURITY), authenticator: await cleo.get(AUTHENTICATOR) };
  const refused = await cleo.submit(AUTHENTICATOR, { setup: setupIn(none.authenticator), code: '1' });
  const { recoveryCodes } = await setUpAuthenticator(system, cleo);
  const two = {
    'new recovery codes': await cleo.get(RECOVERY_CODES),
    'recovery codes saved': await cleo.submit(RECOVERY_CODES, { saved: 'on' }),
    'security with two factors': await cleo.get(SECURITY),
    'recovery codes': await cleo.get(RECOVERY_CODES),
    'authenticator set up': await cleo.get(AUTHENTICATOR),
  };
  system.clock.advance(10 * MINUTE);
  const confirm = '/account/confirm';
  const stale = {
    'confirm with a factor': await cleo.get(confirm),
    'confirm with a factor refused': await cleo.submit(confirm, { password: ADA.password, code: '1' }),
  };
  await cleo.signOut();
  await cleo.signIn('Cleo', ADA.password);
  return {
    ...none,
    'authenticator refused': refused,
    ...two,
    ...stale,
    'authenticator at sign-in': await cleo.get(AUTHENTICATOR_STEP),
    'authenticator at sign-in refused': await cleo.submit(AUTHENTICATOR_STEP, { code: '1' }),
    'recovery code at sign-in': await cleo.get(RECOVERY_STEP),
    'recovery code used': await cleo.submit(RECOVERY_STEP, { code: String(recoveryCodes[0]) }),
    'security after that': await cleo.get(SECURITY),
  };
}

/** The pages of the user's own account, and those before and after signing in. */
async function accountPages(ada: Visitor, clock: TestClock) {
  const fresh = {
    account: await ada.get('/account'),
    password: await ada.get('/account/password'),
    'password too weak': await ada.submit('/account/password', { 'new-password': 'short' }),
    'password changed': await ada.submit('/account/password', { 'new-password': ADA.password }),
    'account after that': await ada.get('/account'),
  };
  clock.advance(10 * MINUTE);
  const confirm = '/account/confirm?next=%2Faccount%2Fdelete';
  const password = { 'current-password': WRONG_PASSWORD, 'new-password': ADA.password };
  return {
    ...fresh,
    'password in a session not fresh': await ada.get('/account/password'),
    'password missing': await ada.submit('/account/password', {}),
    'password refused': await ada.submit('/account/password', password),
    confirm: await ada.get(confirm),
    'confirm refused': await ada.submit(confirm, { password: WRONG_PASSWORD }),
    confirmed: await ada.submit(confirm, { password: ADA.password }),
    delete: await ada.get('/account/delete'),
    deleted: await ada.submit('/account/delete', {}),
    'login after that': await ada.get('/login'),
    'signed in once more': await ada.signIn(LONG_NAME, ADA.password),
    'dashboard after that': await ada.get('/dashboard'),
  };
}

/** The pages of a federated login of a user without a password. */
async function externalPages(system: TestSystem, provider: TwinProvider) {
  const ada = system.visitor();
  provider.profile = { sub: 'ada-there', name: '<b>"Ada"</b>', email: 'ada@example.org' };
  const going = await ada.post('/oauth/acme', { csrf: await ada.token('/login') });
  const path = '/register/connected';
  const pages = { login: await ada.get('/login'), register: await ada.get('/register'), going };
  await returnFromProvider(ada, provider.signIn(redirectTarget(going)));
  const chosen = {
    'choose a username': await ada.get(path),
    'choose with problems': await ada.submit(path, { username: 'a', email: 'x' }),
    chosen: await ada.submit(path, { username: LONG_NAME }),
    account: await ada.get('/account'),
    connections: await ada.get('/account/connections'),
    'set a password': await ada.get('/account/password'),
  };
  system.clock.advance(10 * MINUTE);
  return { ...pages, ...chosen, confirm: await ada.get('/account/confirm') };
}

/** The pages of API tokens and of devices. */
async function tokenPages(system: TestSystem) {
  const ada = await registerAndSignIn(system.visitor());
  const none = await ada.get(TOKENS_PAGE);
  const refused = await ada.submit(NEW_TOKEN, { name: '', expires: 'x', 'scope-notes:write': 'on' });
  const created = await ada.submit(NEW_TOKEN, { ...READ, name: '<b>"Ada’s" & co.</b>' });
  const page = await enterCode(ada, (await beginDevice(system)).user_code);
  return {
    none,
    form: await ada.get(NEW_TOKEN),
    refused,
    created,
    tokens: await ada.get(TOKENS_PAGE),
    device: await ada.get(`${DEVICE_PAGE}?user_code=BCDF-GHJK`),
    'code refused': await ada.submit(DEVICE_PAGE, { 'user-code': '<b>' }),
    confirm: await ada.get(page),
    undecided: await ada.submit(page, { grant: grantIn(page) }),
    account: await ada.get('/account'),
  };
}

async function validate(source: string, name: string): Promise<void> {
  const { results } = await validator.validateString(source);
  const problems = results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `line ${line}, ${ruleId}: ${message}`),
  );
  assert.deepEqual(problems, [], name);
  assert.deepEqual(unreadMessages(source), [], name);
  assert.doesNotMatch(source, /<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=/i, name);
}

describe('the HTML', () => {
  it('P53: of every page is valid, lets screen readers reach every message, and contains no inline script or style', async () => {
    await using system = await startSystem({ siteName: 'Harbour & Sons' });
    const pages = await everyPage(system);
    assert.ok(Object.keys(pages).length >= 23);
    for (const [name, source] of Object.entries(pages)) await validate(source, name);
  });

  it('P53: of every page of external sign-in is valid, lets screen readers reach every message, and contains no inline script or style', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, { oidcAcmeLabel: 'Harbour & Sons' }));
    const pages = Object.entries(await externalPages(system, provider)).filter(([, { body }]) => body !== '');
    assert.equal(pages.length, 9);
    for (const [name, { body }] of pages) await validate(body, name);
  });

  it('P53: of every page of API tokens and devices is valid, lets screen readers reach every message, and contains no inline script or style', async () => {
    await using system = await startSystem({ ...WITH_TOKENS, siteName: 'Harbour & Sons' });
    for (const [name, { body }] of Object.entries(await tokenPages(system))) await validate(body, name);
  });

  it('of every page weighs less than 30 KB with everything that it loads, uncompressed', async () => {
    await using system = await startSystem();
    const files = Object.values(loadAssets('#2f5bea')).map(({ body }) => Buffer.byteLength(body));
    const loaded = files.reduce((sum, size) => sum + size, 0);
    for (const [name, source] of Object.entries(await everyPage(system))) {
      const bytes = Buffer.byteLength(source) + loaded;
      assert.ok(bytes < MAXIMUM_PAGE_BYTES, `${name} weighs ${bytes} bytes`);
    }
  });

  it('of every error page is valid and contains no inline script or style', async () => {
    const site = {
      name: 'Harbour & Sons',
      basePath: '',
      stylesheetPath: '/a.css',
      scriptPath: '/a.js',
      iconPath: '/a.svg',
    };
    for (const status of ERROR_STATUSES) {
      const page = await errorPage(site, english, status, { requestId: 'a-number', retryAfterSeconds: 1 });
      await validate(String(page), `${status}`);
    }
  });
});
