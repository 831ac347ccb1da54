import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Page } from 'playwright-core';
import { DAY, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { loadAssets, siteFor } from '../../src/platform/web/index.ts';
import { errorPage } from '../../src/platform/web/pages/error-page.ts';
import type { ErrorStatus } from '../../src/platform/web/words.ts';
import { english } from '../../src/platform/words/index.ts';
import { beginDevice } from './api-tokens.ts';
import { LISTED_PASSWORD, setPassword } from './breached-passwords.ts';
import type { Screen } from './browser.ts';
import type { TestClock } from './clock.ts';
import {
  ASK,
  CONFIRM,
  confirmPath,
  FORGOTTEN,
  mailsOf,
  newestConfirmation,
  newestLink,
  newestPath,
  OPEN,
  RESET,
  requestResetPath,
  UNDO,
  undoPath,
} from './mailed-links.ts';
import {
  AUTHENTICATOR,
  type Authenticator,
  authenticatorOf,
  FACTOR_UNDO,
  factorUndoPath,
  nextCode,
  RECOVERY_CODES,
  STOP_BY_MAIL,
  STOP_HERE,
} from './second-factors.ts';
import { startSystem, type TestSystem } from './system.ts';
import { freePort } from './temporary.ts';
import { ADA, BEN, type Visitor, WRONG_PASSWORD } from './visitor.ts';

/** The longest permitted name, in wide letters. */
export const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorff-Wolfeschlegelsteinhausenberg';

/** The screens on which every page is checked. */
export const SCREENS: readonly Screen[] = [
  { name: 'a small phone, light', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
  { name: 'a phone, dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { name: 'a wide screen, light', viewport: { width: 1_920, height: 1_080 }, colorScheme: 'light' },
  { name: 'forced colours', viewport: { width: 640, height: 800 }, forcedColors: 'active' },
  { name: 'a desktop, dark', viewport: { width: 1_280, height: 800 }, colorScheme: 'dark' },
];

/** For pages of parts that are checked on all screens elsewhere: one narrow screen, one dark. */
export const TWO_SCREENS: readonly Screen[] = SCREENS.slice(0, 2);

/** A page in one of its states. */
export type ShownPage = {
  readonly name: string;
  readonly open: (page: Page, clock: TestClock, system: TestSystem) => Promise<unknown>;
};

async function submit(page: Page, path: string, fields: Readonly<Record<string, string>>) {
  await page.goto(path);
  for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
  await send(page);
}

async function send(page: Page) {
  await page.locator('main button[type=submit]').click();
  await page.waitForLoadState();
}

/** Browsers that are also signed in: their user agents, and whether they stay signed in. */
const OTHER_BROWSERS = [
  {
    userAgent:
      'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36',
    isRemembered: true,
  },
  { userAgent: `<b>Reader</b>/${'1234567890'.repeat(39)}`, isRemembered: false },
  {
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    isRemembered: false,
  },
];

async function signInElsewhere(page: Page): Promise<void> {
  const baseURL = new URL(page.url()).origin;
  for (const { userAgent, isRemembered } of OTHER_BROWSERS) {
    const other = await page.context().browser()?.newContext({ baseURL, userAgent });
    if (other === undefined) throw new Error('this page belongs to no browser');
    const there = await other.newPage();
    await there.goto('/login');
    await there.locator('#remember').setChecked(isRemembered);
    await there.locator('#username').fill(LONG_NAME);
    await there.locator('#password').fill(ADA.password);
    await there.locator('main button[type=submit]').click();
    await there.waitForURL('**/dashboard');
    await other.close();
  }
}

/** Every page and every state of it, in an order in which one links to the next. */
export const PAGES: readonly ShownPage[] = [
  { name: 'register', open: (page) => page.goto('/register') },
  {
    name: 'register-with-problems',
    open: (page) => submit(page, '/register', { username: 'ad', email: 'x', password: 'password' }),
  },
  {
    name: 'registered',
    open: (page) => submit(page, '/register', { username: LONG_NAME, password: ADA.password }),
  },
  {
    name: 'register-taken',
    open: (page) => submit(page, '/register', { username: LONG_NAME, password: ADA.password }),
  },
  {
    name: 'register-passkey',
    open: async (page) => {
      await page.goto('/register');
      await page.getByRole('link', { name: 'Use a passkey instead of a password' }).click();
      await page.getByRole('button', { name: 'Create account' }).waitFor();
    },
  },
  {
    name: 'register-passkey-with-problems',
    open: async (page) => {
      await page.getByLabel('Username').fill('ad');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.locator('[aria-invalid=true]').first().waitFor();
    },
  },
  { name: 'login', open: (page) => page.goto('/login') },
  { name: 'login-first', open: (page) => page.goto('/dashboard') },
  {
    name: 'login-refused',
    open: (page) => submit(page, '/login', { username: ADA.username, password: WRONG_PASSWORD }),
  },
  { name: 'login-empty', open: (page) => submit(page, '/login', {}) },
  {
    name: 'dashboard',
    open: (page) => submit(page, '/login', { username: LONG_NAME, password: ADA.password }),
  },
  { name: 'sessions-only-one', open: (page) => page.goto('/account/sessions') },
  {
    name: 'sessions',
    open: async (page) => {
      await signInElsewhere(page);
      await page.goto('/account/sessions');
    },
  },
  {
    name: 'sessions-others-ended',
    open: async (page) => {
      await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
      await page.getByRole('status').waitFor();
    },
  },
  { name: 'logout', open: (page) => page.goto('/logout') },
  { name: 'account', open: (page) => page.goto('/account') },
  { name: 'password', open: (page) => page.goto('/account/password') },
  { name: 'password-weak', open: (page) => submit(page, '/account/password', { 'new-password': LONG_NAME }) },
  {
    name: 'password-stale',
    open: async (page, clock) => {
      clock.advance(10 * MINUTE);
      await page.goto('/account/password');
    },
  },
  {
    name: 'password-with-problems',
    open: (page) => submit(page, '/account/password', { 'new-password': 'short' }),
  },
  {
    name: 'password-refused',
    open: (page) =>
      submit(page, '/account/password', {
        'current-password': WRONG_PASSWORD,
        'new-password': ADA.password,
      }),
  },
  { name: 'confirm', open: (page) => page.goto('/account/delete') },
  {
    name: 'confirm-refused',
    open: (page) => submit(page, '/account/delete', { password: WRONG_PASSWORD }),
  },
  { name: 'delete', open: (page) => submit(page, '/account/delete', { password: ADA.password }) },
  { name: 'deletion-requested', open: send },
  {
    name: 'deletion-cancelled',
    open: (page) => submit(page, '/login', { username: LONG_NAME, password: ADA.password }),
  },
  {
    name: 'password-changed',
    open: (page) => submit(page, '/account/password', { 'new-password': ADA.password }),
  },
  {
    name: 'signed-out',
    open: async (page) => {
      await page.goto('/dashboard');
      await page.getByRole('button', { name: 'Sign out' }).click();
    },
  },
  {
    name: 'new-password',
    open: async (page, _, system) => {
      await setPassword(system, LONG_NAME, LISTED_PASSWORD);
      await submit(page, '/login', { username: LONG_NAME, password: LISTED_PASSWORD });
      await page.waitForURL('**/login/new-password');
    },
  },
  {
    name: 'new-password-refused',
    open: async (page) => {
      await page.locator('#new-password').fill(LISTED_PASSWORD);
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.locator('#new-password-problem').waitFor();
    },
  },
  {
    name: 'sign-in-cancelled',
    open: async (page) => {
      await page.getByRole('button', { name: 'Do not sign in' }).click();
      await page.getByRole('status').waitFor();
    },
  },
];

/** The longest permitted address. */
export const LONG_ADDRESS = `${'benjamin.'.repeat(6)}wolfe@${'a-very-long-name-of-a-domain.'.repeat(3)}example.org`;

async function fillIn(page: Page, fields: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
  await page.locator('main button[type=submit]').first().click();
  await page.waitForLoadState();
}

/** The pages that mails link to, and those that request mails. */
export const PAGES_BY_MAIL: readonly ShownPage[] = [
  {
    name: 'confirm-link',
    open: async (page, _, system) => {
      await system.visitor().register(BEN.username, BEN.password, LONG_ADDRESS);
      await page.goto((await newestConfirmation(system, LONG_ADDRESS)).path);
    },
  },
  { name: 'confirm-link-with-problem', open: (page) => fillIn(page, {}) },
  { name: 'confirmed', open: (page) => fillIn(page, { password: BEN.password }) },
  {
    name: 'confirm-gone',
    open: (page) => page.goto('/verify-email?token=none'),
  },
  {
    name: 'not-me',
    open: async (page, _, system) => {
      await system.visitor().signIn(BEN.username, BEN.password);
      const [notice] = await mailsOf(system, 'signed-in-from-new-device');
      await page.goto(String(/https?:\/\/\S+\/not-me\?token=\S+/.exec(String(notice?.text))));
    },
  },
  { name: 'not-me-done', open: (page) => fillIn(page, {}) },
  { name: 'not-me-gone', open: (page) => page.goto('/not-me?token=none') },
  { name: 'link', open: (page) => page.goto(ASK) },
  { name: 'link-empty', open: (page) => fillIn(page, {}) },
  {
    name: 'link-sent',
    open: async (page, clock) => {
      clock.advance(SECOND);
      await fillIn(page, { username: LONG_ADDRESS });
    },
  },
  { name: 'link-code-wrong', open: (page) => fillIn(page, { code: '0' }) },
  {
    name: 'link-open',
    open: async (page, _, system) => {
      await system.system.core.afterAnswer.settled();
      await page.goto((await newestLink(system, LONG_ADDRESS)).path);
    },
  },
  {
    name: 'link-elsewhere',
    open: async (page) => {
      await page.context().clearCookies({ name: 'latchkey-asked' });
      await page.reload();
    },
  },
  { name: 'link-gone', open: (page) => page.goto(`${OPEN}?token=none`) },
  { name: 'forgotten', open: (page) => page.goto(FORGOTTEN) },
  { name: 'forgotten-empty', open: (page) => fillIn(page, {}) },
  { name: 'forgotten-sent', open: (page) => fillIn(page, { username: LONG_ADDRESS }) },
  {
    name: 'reset',
    open: async (page, _, system) => {
      await page.goto(await requestResetPath(system, LONG_ADDRESS));
    },
  },
  { name: 'reset-with-problem', open: (page) => fillIn(page, { 'new-password': 'short' }) },
  {
    name: 'reset-gone',
    open: async (page, clock) => {
      clock.advance(30 * MINUTE);
      await page.goto(RESET);
    },
  },
  {
    name: 'reset-done',
    open: async (page, _, system) => {
      await page.goto(await requestResetPath(system, LONG_ADDRESS));
      await fillIn(page, { 'new-password': BEN.password });
    },
  },
  {
    name: 'email',
    open: async (page) => {
      await page.goto('/login?next=%2Faccount%2Femail');
      await fillIn(page, { username: BEN.username, password: BEN.password });
    },
  },
  { name: 'email-with-problem', open: (page) => fillIn(page, { email: 'x' }) },
  { name: 'email-sent', open: (page) => fillIn(page, { email: `new.${LONG_ADDRESS}` }) },
  {
    name: 'email-confirm',
    open: async (page, _, system) => {
      await page.goto(await confirmPath(system, `new.${LONG_ADDRESS}`));
    },
  },
  { name: 'email-changed', open: (page) => fillIn(page, {}) },
  { name: 'email-gone', open: (page) => page.goto(`${CONFIRM}?token=none`) },
  {
    name: 'email-undo',
    open: async (page, _, system) => {
      await page.goto(await undoPath(system, LONG_ADDRESS));
    },
  },
  { name: 'email-undone', open: (page) => fillIn(page, {}) },
  { name: 'email-undo-gone', open: (page) => page.goto(`${UNDO}?token=none`) },
];

/** The pages of API tokens and of devices, for a user with the longest name. */
export const PAGES_OF_TOKENS: readonly ShownPage[] = [
  {
    name: 'tokens-none',
    open: async (page) => {
      await page.goto('/login?next=%2Faccount%2Ftokens');
      await fillIn(page, { username: LONG_NAME, password: ADA.password });
    },
  },
  { name: 'token-new', open: (page) => page.getByRole('link', { name: 'Create a token' }).click() },
  { name: 'token-new-with-problems', open: (page) => fillIn(page, { name: '' }) },
  {
    name: 'token-created',
    open: async (page) => {
      await page.getByLabel('notes:read').check();
      await fillIn(page, { name: 'Wolfe’s backup '.repeat(4) });
    },
  },
  { name: 'tokens', open: (page) => page.getByRole('link', { name: 'I have copied it' }).click() },
  { name: 'device', open: (page) => page.goto('/device?user_code=BCDF-GHJK') },
  { name: 'device-code-refused', open: (page) => fillIn(page, {}) },
  {
    name: 'device-confirm',
    open: async (page, _, system) => {
      const { user_code } = await beginDevice(system);
      await fillIn(page, { 'user-code': user_code });
    },
  },
  {
    name: 'device-allowed',
    open: async (page) => {
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await page.getByRole('status').waitFor();
    },
  },
  {
    name: 'tokens-revoked',
    open: async (page) => {
      await page.goto('/account/tokens');
      await page.getByRole('button', { name: 'Revoke all' }).click();
      await page.getByRole('status').waitFor();
    },
  },
];

/** The key that a page offers for an authenticator app, and what computes its codes. */
async function appOn(page: Page, system: TestSystem): Promise<Authenticator> {
  return authenticatorOf(system, await page.getByLabel('Key', { exact: true }).inputValue(), []);
}

/** The pages of second factors, for a user with the longest name. */
export function pagesOfFactors(): readonly ShownPage[] {
  let app: Authenticator | undefined;
  let recoveryCode = '';
  const codeNow = (system: TestSystem) => {
    nextCode(system);
    return app?.code() ?? '';
  };
  return [
    {
      name: 'security-one-factor',
      open: async (page) => {
        await page.goto('/login?next=%2Faccount%2Fsecurity');
        await fillIn(page, { username: LONG_NAME, password: ADA.password });
      },
    },
    {
      name: 'authenticator',
      open: (page) => page.getByRole('link', { name: 'Manage: Authenticator app' }).click(),
    },
    { name: 'authenticator-refused', open: (page) => fillIn(page, { code: '1' }) },
    {
      name: 'recovery-codes-new',
      open: async (page, _, system) => {
        app = await appOn(page, system);
        await fillIn(page, { code: app.code() });
        recoveryCode = String(await page.locator('.codes code').first().textContent());
      },
    },
    {
      name: 'security-two-factors',
      open: (page) => page.getByRole('button', { name: 'I have saved' }).click(),
    },
    { name: 'recovery-codes', open: (page) => page.goto(RECOVERY_CODES) },
    { name: 'authenticator-set-up', open: (page) => page.goto(AUTHENTICATOR) },
    {
      name: 'confirm-with-factor',
      open: async (page, clock) => {
        clock.advance(10 * MINUTE);
        await page.goto(AUTHENTICATOR);
      },
    },
    {
      name: 'confirm-code-refused',
      open: (page) => fillIn(page, { password: ADA.password, code: '1' }),
    },
    {
      name: 'confirmed-with-factor',
      open: (page, _, system) => fillIn(page, { password: ADA.password, code: codeNow(system) }),
    },
    {
      name: 'factor-step',
      open: async (page) => {
        await page.context().clearCookies();
        await page.goto('/login');
        await fillIn(page, { username: LONG_NAME, password: ADA.password });
        await page.waitForURL('**/login/authenticator*');
      },
    },
    { name: 'factor-step-refused', open: (page) => fillIn(page, { code: '1' }) },
    {
      name: 'recovery-step',
      open: (page) => page.getByRole('link', { name: 'Use this instead: Recovery codes' }).click(),
    },
    { name: 'recovery-step-empty', open: (page) => fillIn(page, { code: '' }) },
    { name: 'recovery-code-used', open: (page) => fillIn(page, { code: recoveryCode }) },
  ];
}

/**
 * The pages of a user with the longest name who has lost the second factor, and of the mails and devices that are notified.
 * The user is signed in in `device`.
 */
export function pagesOfRecovery(device: Visitor): readonly ShownPage[] {
  const signIn = async (page: Page) => {
    await page.context().clearCookies();
    await page.goto('/login');
    await fillIn(page, { username: LONG_NAME, password: ADA.password });
    await page.waitForURL('**/login/authenticator*');
    await page.getByRole('link', { name: 'I have lost it' }).click();
  };
  const press = async (page: Page, name: string) => {
    await page.getByRole('button', { name, exact: true }).click();
    await page.waitForLoadState();
  };
  return [
    { name: 'lost-factor', open: signIn },
    { name: 'lost-factor-waiting', open: (page) => press(page, 'Start waiting') },
    {
      name: 'stop-recovery-mailed',
      open: async (page, _, system) => {
        await page.goto(await newestPath(system, 'factor-recovery-pending', LONG_ADDRESS));
      },
    },
    {
      name: 'stop-recovery-banner',
      open: async (page, _, system) => {
        const cookies = [...device.cookies].map(([name, value]) => ({ name, value, url: system.origin }));
        await page.context().addCookies(cookies);
        await page.goto('/account');
      },
    },
    { name: 'stop-recovery', open: (page) => page.goto(STOP_HERE) },
    {
      name: 'lost-factor-due',
      open: async (page, clock) => {
        clock.advance(7 * DAY);
        await signIn(page);
      },
    },
    { name: 'factors-recovered', open: (page) => press(page, 'Remove them and sign in') },
    {
      name: 'factor-undo',
      open: async (page, _, system) => {
        await page.goto(await factorUndoPath(system, LONG_ADDRESS));
      },
    },
    { name: 'factor-undone', open: (page) => press(page, 'Undo the change') },
    { name: 'factor-undo-gone', open: (page) => page.goto(`${FACTOR_UNDO}?token=none`) },
    { name: 'stop-recovery-gone', open: (page) => page.goto(`${STOP_BY_MAIL}?token=none`) },
  ];
}

/** The pages of a policy that requires a second factor, for a user with the longest name; `days` passes the grace period. */
export function pagesOfPolicy(days: number): readonly ShownPage[] {
  let app: Authenticator | undefined;
  return [
    {
      name: 'dashboard-reminder',
      open: async (page) => {
        await page.goto('/login');
        await fillIn(page, { username: LONG_NAME, password: ADA.password });
      },
    },
    { name: 'account-reminder', open: (page) => page.goto('/account') },
    { name: 'security-reminder', open: (page) => page.goto('/account/security') },
    {
      name: 'factor-setup',
      open: async (page, clock) => {
        clock.advance(days * DAY);
        await page.goto('/login');
        await fillIn(page, { username: LONG_NAME, password: ADA.password });
      },
    },
    {
      name: 'passkey-setup',
      open: (page) => page.getByRole('link', { name: 'Passkeys' }).click(),
    },
    {
      name: 'authenticator-setup',
      open: async (page) => {
        await page.goBack();
        await page.getByRole('link', { name: 'Authenticator app' }).click();
      },
    },
    { name: 'authenticator-setup-refused', open: (page) => fillIn(page, { code: '1' }) },
    {
      name: 'recovery-codes-at-sign-in',
      open: async (page, _, system) => fillIn(page, { code: (await appOn(page, system)).code() }),
    },
    {
      name: 'dashboard-without-reminder',
      open: (page) => page.getByRole('button', { name: 'I have saved' }).click(),
    },
    { name: 'authenticator-required', open: (page) => page.goto(AUTHENTICATOR) },
    {
      name: 'authenticator-replaced',
      open: (page) => page.getByRole('link', { name: 'Replace the authenticator app' }).click(),
    },
    {
      name: 'factor-step-remember',
      open: async (page, _, system) => {
        app = await appOn(page, system);
        await fillIn(page, { code: app.code() });
        await page.context().clearCookies();
        await page.goto('/login');
        await fillIn(page, { username: LONG_NAME, password: ADA.password });
      },
    },
    {
      name: 'sessions-remembered',
      open: async (page, _, system) => {
        nextCode(system);
        await page.getByLabel('Do not ask again').check();
        await fillIn(page, { code: app?.code() ?? '' });
        await page.goto('/account/sessions');
      },
    },
  ];
}

/** Every status of an error page. */
export const ERROR_STATUSES: readonly ErrorStatus[] = [400, 403, 404, 405, 413, 414, 415, 421, 431, 500, 503];

/** Serves every error page under its status, including those that no request causes, beside the real files. */
export async function startErrorPages(): Promise<AsyncDisposable & { readonly origin: string }> {
  const port = await freePort();
  const system = await startSystem({ port });
  const { accentColor, siteName } = system.system.core.settings;
  const site = siteFor(siteName, '', loadAssets(accentColor));
  const answer = async (request: Request) => {
    const status = ERROR_STATUSES.find((known) => new URL(request.url).pathname === `/${known}`);
    if (status === undefined) return system.fetch(request);
    const details = {
      ...(status === 500 && { requestId: '019b796d-d600-7dc2-8e46-526b56dc95a3' }),
      ...(status === 503 && { retryAfterSeconds: 120 }),
    };
    const page = String(await errorPage(site, english, status, details));
    return system.system.core.answers.html(200, page);
  };
  const server = createServer(getRequestListener(answer));
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return {
    origin: `http://localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await system[Symbol.asyncDispose]();
    },
  };
}

/** The existing account that has the address, or would have it. */
export const LOCAL_ACCOUNTS = {
  none: 'no account',
  unverified: 'an account, unconfirmed',
  verified: 'an account, confirmed',
  disabled: 'a disabled account',
  held: 'an account with a required step',
} as const;

/** The claims of the provider about the address. */
export const PROVIDER_ADDRESSES = {
  absent: 'none',
  unverified: 'not verified',
  verified: 'verified, not trusted',
  trusted: 'verified and trusted',
} as const;

export type LocalAccount = keyof typeof LOCAL_ACCOUNTS;
export type ProviderAddress = keyof typeof PROVIDER_ADDRESSES;

/** The outcomes of a first federated login. */
export const OUTCOMES = {
  new: 'a new account; the user may type an address, which is unconfirmed',
  proposed: 'a new account; the address is proposed, and is unconfirmed',
  confirmed: 'a new account; the address counts as confirmed',
  refused: 'a new account; the address is proposed, and refused as in use, as at registration',
  separate:
    'the page says that an account has the address: the user signs in to that one and connects the provider, or creates another account without the address',
  connected: 'the provider is connected to the signed-in account, whose address is unchanged',
  'confirm-first': 'the address of the account has to be confirmed before anything is connected',
  'sign-in-first': 'there is no such session, so the user is sent to sign in',
} as const;

export type FirstOutcome = keyof typeof OUTCOMES;

type Row = Readonly<Record<ProviderAddress, FirstOutcome>>;

/** Every case of a first federated login, written out. None signs in to or connects an account by its address (A18, A22). */
export const FIRST_CONTACT: Readonly<
  Record<'signed out' | 'signed in', Readonly<Record<LocalAccount, Row>>>
> = {
  'signed out': {
    none: { absent: 'new', unverified: 'proposed', verified: 'proposed', trusted: 'confirmed' },
    unverified: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
    verified: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
    disabled: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
    held: { absent: 'new', unverified: 'refused', verified: 'refused', trusted: 'separate' },
  },
  'signed in': {
    none: { absent: 'connected', unverified: 'connected', verified: 'connected', trusted: 'connected' },
    unverified: {
      absent: 'confirm-first',
      unverified: 'confirm-first',
      verified: 'confirm-first',
      trusted: 'confirm-first',
    },
    verified: { absent: 'connected', unverified: 'connected', verified: 'connected', trusted: 'connected' },
    disabled: {
      absent: 'sign-in-first',
      unverified: 'sign-in-first',
      verified: 'sign-in-first',
      trusted: 'sign-in-first',
    },
    held: { absent: 'connected', unverified: 'connected', verified: 'connected', trusted: 'connected' },
  },
};

/**
 * The messages of a page that a screen reader does not read. It starts at the focused element, so each message must be
 * in the focused element or in its description.
 */
export function unreadMessages(source: string): readonly string[] {
  const focused = source.match(/<\w+[^>]* autofocus(?:="")?[^>]*>/g) ?? [];
  if (focused.length > 1) return [`${focused.length} elements are focused`];
  const [element = ''] = focused;
  const [, described = ''] = / aria-describedby="([^"]*)"/.exec(element) ?? [];
  const reached = [/ id="([^"]*)"/.exec(element)?.[1] ?? '', ...described.split(' ')];
  const containers = [...source.matchAll(/<div[^>]* id="(messages|form-problem)"[^>]*>(.*?)<\/div>/gs)];
  const messages = [...source.matchAll(/role="(?:status|alert)"[^>]*>([^<]+)/g)].map(([, text = '']) => text);
  return messages.filter(
    (message) =>
      !containers.some(([, id = '', content = '']) => content.includes(message) && reached.includes(id)),
  );
}
