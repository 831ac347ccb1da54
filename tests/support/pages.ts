import type { BrowserContextOptions, Page } from 'playwright-core';
import { MINUTE } from '../../src/core/clock.ts';
import { LISTED_PASSWORD, setPassword } from './breached-password.ts';
import type { TestClock } from './clock.ts';
import { PAGES_BY_MAIL } from './pages-by-mail.ts';
import { ADA, WRONG_PASSWORD } from './people.ts';
import type { TestSystem } from './system.ts';

/** The longest name there can be, in letters that take much room. */
export const LONG_NAME = 'Wolfeschlegelsteinhausenbergerdorff-Wolfeschlegelsteinhausenberg';

/** The screens that every page is looked at on. */
export const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['a small phone, light', { viewport: { width: 320, height: 640 }, colorScheme: 'light' }],
  ['a phone, dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
  ['a wide screen, light', { viewport: { width: 1_920, height: 1_080 }, colorScheme: 'light' }],
  ['forced colours', { viewport: { width: 640, height: 800 }, forcedColors: 'active' }],
  ['a desktop, dark', { viewport: { width: 1_280, height: 800 }, colorScheme: 'dark' }],
];

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

/** Browsers that are also signed in: their words about themselves, and whether they stay signed in. */
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

/** Every page and every state of it, in an order in which one leads to the next. */
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

/** All of them, and those of mails after them. */
export const ALL_PAGES: readonly ShownPage[] = [...PAGES, ...PAGES_BY_MAIL];
