import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { accessibilityViolations, openWindow, sharedBrowser } from '../kit/browser.ts';
import { ADDRESS, newestConfirmation, REQUIRED } from '../kit/mailed-links.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function register(page: Page) {
  await page.goto('/register');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Email').fill(ADDRESS);
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/login');
}

async function signIn(page: Page) {
  await page.goto('/login');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Finds the mail in the development mailbox and follows its link, which opens beside it. */
async function followLink(page: Page): Promise<Page> {
  await page.goto('/dev/mailbox');
  await page.getByRole('link', { name: 'Confirm your email address' }).first().click();
  const letter = page.frameLocator('iframe');
  const link = await letter.getByRole('link', { name: 'Confirm this address' }).getAttribute('href');
  const opened = await page.context().newPage();
  await opened.goto(String(link));
  return opened;
}

function pathOf(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

async function assertNoBarriers(page: Page) {
  assert.deepEqual(await accessibilityViolations(page), []);
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who registers with an email address, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('confirms it by the mailed link, and signs in', async () => {
      await using server = await startHttpServer(REQUIRED);
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await register(page);
      assert.match(String(await page.getByRole('status').textContent()), /We have sent you a mail/);
      const opened = await followLink(page);
      assert.match(pathOf(opened), /^\/verify-email\?flow=[\w-]{16}$/, 'the token has left the address');
      if (javaScriptEnabled) await assertNoBarriers(opened);
      assert.equal(await opened.getByLabel('Password', { exact: true }).count(), 0);
      await opened.getByRole('button', { name: 'Confirm this address' }).click();
      assert.equal(pathOf(opened), '/login');
      assert.equal(await opened.getByRole('status').textContent(), 'Thank you. Your address is confirmed.');
      await signIn(opened);
      assert.equal(pathOf(opened), '/dashboard');
      await opened.getByText('(confirmed)').waitFor();
      const again = await followLink(page);
      await again.getByRole('heading', { name: 'This link does not work' }).waitFor();
      if (javaScriptEnabled) await assertNoBarriers(again);
      assert.deepEqual(window.complaints, []);
    });

    it('signs in first, is asked to confirm it, requests another mail and enters its code', async () => {
      await using server = await startHttpServer(REQUIRED);
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await register(page);
      await signIn(page);
      assert.equal(pathOf(page), '/login/confirm-address');
      await page.getByText(ADDRESS).waitFor();
      if (javaScriptEnabled) await assertNoBarriers(page);
      server.system.clock.advance(1_000);
      await page.getByRole('button', { name: 'Send another mail' }).click();
      await page.getByText('We have sent you another mail').waitFor();
      await page.getByLabel('Code from the mail').fill('1');
      await page.getByRole('button', { name: 'Confirm', exact: true }).click();
      assert.match(String(await page.locator('#code-problem').textContent()), /not right/);
      await page.getByLabel('Code from the mail').fill((await newestConfirmation(server.system)).code);
      await page.getByRole('button', { name: 'Confirm', exact: true }).click();
      assert.equal(pathOf(page), '/dashboard');
      assert.deepEqual(window.complaints, []);
    });

    it('opens the link in another browser, is asked for the password, and is informed when the link has expired', async () => {
      await using server = await startHttpServer(REQUIRED);
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      await register(window.page);
      await using elsewhere = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = elsewhere;
      const { path } = await newestConfirmation(server.system);
      await page.goto(path);
      await page.getByText('in another browser').waitFor();
      if (javaScriptEnabled) await assertNoBarriers(page);
      server.system.clock.advance(DAY);
      await page.getByLabel('Password', { exact: true }).fill(ADA.password);
      await page.getByRole('button', { name: 'Confirm this address' }).click();
      await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
      assert.deepEqual(elsewhere.complaints, []);
    });
  });
}
