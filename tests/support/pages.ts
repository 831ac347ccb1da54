import type { BrowserContextOptions, Page } from 'playwright-core';
import { ADA, WRONG_PASSWORD } from './people.ts';

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
export type ShownPage = { readonly name: string; readonly open: (page: Page) => Promise<unknown> };

async function submit(page: Page, path: string, fields: Readonly<Record<string, string>>) {
  await page.goto(path);
  for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
  await page.locator('main button[type=submit]').click();
  await page.waitForLoadState();
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
  { name: 'logout', open: (page) => page.goto('/logout') },
  {
    name: 'signed-out',
    open: async (page) => {
      await page.goto('/dashboard');
      await page.getByRole('button', { name: 'Sign out' }).click();
    },
  },
];
