import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { ADDRESS } from '../kit/mailed-links.ts';
import { settleRequests, startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function ask(page: Page, name: string) {
  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Username or email').fill(name);
  await page.getByRole('button', { name: 'Send the mail' }).click();
  await page.getByRole('status').getByText('a mail is on its way to it').waitFor();
}

/** Finds the newest mail in the development mailbox and follows its link, which opens beside it. */
async function followLink(page: Page): Promise<Page> {
  await page.goto('/dev/mailbox');
  await page.getByRole('link', { name: 'Choose a new password' }).first().click();
  const letter = page.frameLocator('iframe');
  const link = await letter.getByRole('link', { name: 'Choose a new password' }).getAttribute('href');
  const opened = await page.context().newPage();
  await opened.goto(String(link));
  return opened;
}

async function choose(page: Page, password: string) {
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Set the new password' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who forgot the password, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('chooses a new one by a mailed link, and signs in with it', async () => {
      await using server = await startHttpServer();
      const { system } = server;
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const { page } = window;
      await system.visitor().register(ADA.username, ADA.password, ADDRESS);
      await ask(page, ADA.username);
      await settleRequests(system);
      const opened = await followLink(page);
      assert.match(new URL(opened.url()).search, /^\?flow=[\w-]{16}$/, 'the token has left the address');
      await choose(opened, 'too short');
      await opened.getByText('use at least 15').waitFor();
      await choose(opened, NEW_PASSWORD);
      await opened.getByRole('status').getByText('Your new password is set').waitFor();
      await opened.getByLabel('Username').fill(ADA.username);
      await opened.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
      await opened.getByRole('button', { name: 'Sign in' }).click();
      await opened.waitForURL('**/dashboard');
      const again = await followLink(page);
      await again.getByRole('heading', { name: 'This link does not work' }).waitFor();
      assert.deepEqual(window.complaints, []);
    });

    it('is informed when the link has expired, and requests another mail', async () => {
      await using server = await startHttpServer();
      const { system } = server;
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const { page } = window;
      await system.visitor().register(ADA.username, ADA.password, ADDRESS);
      await ask(page, ADDRESS);
      await settleRequests(system);
      system.clock.advance(30 * MINUTE);
      const opened = await followLink(page);
      await opened.getByRole('link', { name: 'Have another mail sent' }).click();
      await opened.getByLabel('Username or email').fill(ADDRESS);
      await opened.getByRole('button', { name: 'Send the mail' }).click();
      await opened.waitForURL('**/login');
      await settleRequests(system);
      await choose(await followLink(page), NEW_PASSWORD);
      assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
      assert.deepEqual(window.complaints, []);
    });
  });
}
