import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { isPasswordFlagged, startRangeApi } from '../kit/breached-passwords.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { until } from '../kit/clock.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function signIn(page: Page, password: string = ADA.password) {
  await page.goto('/account');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function choose(page: Page, password: string) {
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Change password and sign in' }).click();
}

function pathOf(page: Page): string {
  return new URL(page.url()).pathname;
}

/** A site where the password of Ada has leaked, which was found out at her last sign-in. */
async function startAfterLeak() {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startRangeApi());
  const server = stack.use(await startHttpServer({ breachedPasswords: 'hibp', hibpUrl: api.url.href }));
  const { system } = server;
  await system.visitor().register(ADA.username, ADA.password);
  api.known.add(ADA.password).add('the same old song again');
  await system.visitor().signIn(ADA.username, ADA.password);
  await until('the password is marked', () => isPasswordFlagged(system));
  const kept = stack.move();
  return { origin: system.origin, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user whose password has leaked, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('is informed, chooses another one, and continues to the requested page', async () => {
      await using site = await startAfterLeak();
      await using window = await openWindow(browser, site.origin, { javaScriptEnabled });
      const { page } = window;
      await signIn(page);
      assert.equal(pathOf(page), '/login/new-password');
      await page.getByText('known from a data leak').waitFor();
      assert.equal(await page.locator('header').getByRole('button').count(), 0, 'nobody is signed in');
      await choose(page, 'the same old song again');
      assert.match(
        String(await page.locator('#new-password-problem').textContent()),
        /lists of common and stolen passwords/,
      );
      await choose(page, NEW_PASSWORD);
      assert.equal(pathOf(page), '/account');
      assert.match(String(await page.getByRole('status').textContent()), /Your password was changed/);
      assert.deepEqual(window.complaints, []);
    });

    it('cancels, and is not signed in', async () => {
      await using site = await startAfterLeak();
      await using window = await openWindow(browser, site.origin, { javaScriptEnabled });
      const { page } = window;
      await signIn(page);
      await page.getByRole('button', { name: 'Do not sign in' }).click();
      assert.equal(pathOf(page), '/login');
      assert.equal(await page.getByRole('status').textContent(), 'You are not signed in.');
      await page.goto('/login/new-password');
      assert.equal(pathOf(page), '/login');
      assert.deepEqual(window.complaints, []);
    });
  });
}

describe('a password manager', () => {
  it('finds the username and a field for a new password on the page after a leak', async () => {
    await using site = await startAfterLeak();
    await using window = await openWindow(browser, site.origin);
    const { page } = window;
    await signIn(page);
    const name = page.locator('main input[autocomplete=username]');
    assert.equal(await name.inputValue(), ADA.username);
    assert.equal(await page.getByLabel('New password').getAttribute('autocomplete'), 'new-password');
  });
});
