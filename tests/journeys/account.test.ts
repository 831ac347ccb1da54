import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { deleteExpired, startHttpServer, type TestSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function signIn(page: Page, password: string = ADA.password) {
  await page.goto('/login');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens the user's own account by the name in the header. */
async function openAccount(page: Page) {
  await page.getByRole('link', { name: `Your account, signed in as ${ADA.username}` }).click();
  await page.getByRole('heading', { name: 'Your account', level: 1 }).waitFor();
}

/** Signs in, and opens the account when the password was given too long ago for sensitive changes. */
async function openAccountLater(page: Page, { clock }: TestSystem) {
  await signIn(page);
  clock.advance(10 * MINUTE);
  await openAccount(page);
}

/** Gives the password that a sensitive page requires first. */
async function confirm(page: Page) {
  assert.equal(pathOf(page), '/account/confirm');
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await page.getByRole('button', { name: 'Confirm' }).click();
}

function register({ visitor }: TestSystem) {
  return visitor().register(ADA.username, ADA.password, 'ada@example.org');
}

function pathOf(page: Page): string {
  return new URL(page.url()).pathname;
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who manages an account, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('changes the password, stays signed in here, and is signed out in the other browser', async () => {
      await using server = await startHttpServer();
      await register(server.system);
      await using here = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      await using elsewhere = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      for (const { page } of [here, elsewhere]) await signIn(page);
      await elsewhere.page.goto('/account');
      server.system.clock.advance(10 * MINUTE);

      const { page } = here;
      await openAccount(page);
      await page.getByRole('link', { name: 'Change your password' }).click();
      await page.getByLabel('Current password').fill(ADA.password);
      await page.getByLabel('New password').fill('too short');
      await page.getByRole('button', { name: 'Change password' }).click();
      assert.match(
        String(await page.locator('#new-password-problem').textContent()),
        /That has 9 characters/,
      );
      await page.getByLabel('Current password').fill(ADA.password);
      await page.getByLabel('New password').fill(NEW_PASSWORD);
      await page.getByRole('button', { name: 'Change password' }).click();
      assert.equal(pathOf(page), '/account');
      assert.match(String(await page.getByRole('status').textContent()), /Your password was changed/);

      await elsewhere.page.reload();
      assert.equal(pathOf(elsewhere.page), '/login');
      await signIn(elsewhere.page);
      assert.equal(await elsewhere.page.getByRole('alert').textContent(), 'Invalid username or password');
      await signIn(elsewhere.page, NEW_PASSWORD);
      assert.equal(pathOf(elsewhere.page), '/dashboard');
      for (const { complaints } of [here, elsewhere]) assert.deepEqual(complaints, []);
    });

    it('deletes the account, and restores it in time by signing in', async () => {
      await using server = await startHttpServer();
      await register(server.system);
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await openAccountLater(page, server.system);
      await page.getByRole('link', { name: 'Delete your account' }).click();
      await confirm(page);
      assert.equal(pathOf(page), '/account/delete');
      await page.getByText('8 Jan 2026, 12:10 UTC').waitFor();
      await page.getByRole('button', { name: 'Delete my account' }).click();
      assert.equal(pathOf(page), '/login');
      assert.match(String(await page.getByRole('status').textContent()), /your account will be deleted/);
      await page.goto('/account');
      assert.equal(pathOf(page), '/login', 'signed out');

      server.system.clock.advance(6 * DAY);
      await deleteExpired(server.system);
      await signIn(page);
      assert.equal(pathOf(page), '/dashboard');
      assert.match(String(await page.getByRole('status').textContent()), /will not be deleted/);
      assert.deepEqual(window.complaints, []);
    });

    it('downloads all stored personal data as a file', async () => {
      await using server = await startHttpServer();
      await register(server.system);
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await openAccountLater(page, server.system);
      await page.getByRole('link', { name: 'Download your data' }).click();
      await confirm(page);
      assert.equal(pathOf(page), '/account', 'no page that asks for the password stays on the screen');
      assert.match(String(await page.getByRole('status').textContent()), /You can download your data now/);
      const downloading = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download your data' }).click();
      const download = await downloading;
      assert.equal(download.suggestedFilename(), 'account-2026-01-01.json');
      const text = (await (await download.createReadStream()).toArray()).join('');
      assert.equal(JSON.parse(text).account.email, 'ada@example.org');
      assert.deepEqual(window.complaints, []);
    });
  });
}
