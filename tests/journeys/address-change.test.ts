import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import {
  ADDRESS,
  addressOf,
  NEW_ADDRESS,
  newestConfirmation,
  openAndConfirm,
  registerAda,
} from '../kit/mailed-links.ts';
import { startHttpServer, type TestSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function signIn(page: Page) {
  await page.goto('/login');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/dashboard');
}

/** Ada, whose address is confirmed, requests a change of address. */
async function askForAnother(page: Page, system: TestSystem) {
  await openAndConfirm(await registerAda(system), (await newestConfirmation(system)).path);
  await signIn(page);
  await page.goto('/account');
  await page.getByRole('link', { name: 'Change your email address' }).click();
  await page.getByLabel('New email address').fill(NEW_ADDRESS);
  await page.getByRole('button', { name: 'Send the mail' }).click();
  await page.getByText(`A mail is waiting to be opened at ${NEW_ADDRESS}`).waitFor();
}

/** Finds a mail in the development mailbox and follows its link, which opens beside it. */
async function followLink(page: Page, subject: string, label: string): Promise<Page> {
  await page.goto('/dev/mailbox');
  await page.getByRole('link', { name: subject }).first().click();
  const link = await page.frameLocator('iframe').getByRole('link', { name: label }).getAttribute('href');
  const opened = await page.context().newPage();
  await opened.goto(String(link));
  return opened;
}

const followConfirmation = (page: Page) =>
  followLink(page, 'Confirm your new email address', 'Use this address');

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who changes the email address, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('confirms the change by a mailed link, and undoes it by another', async () => {
      await using server = await startHttpServer();
      const { system } = server;
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const { page } = window;
      await askForAnother(page, system);
      const opened = await followConfirmation(page);
      assert.match(new URL(opened.url()).search, /^\?flow=[\w-]{16}$/, 'the token has left the address');
      await opened.getByRole('button', { name: 'Use this address' }).click();
      await opened.getByRole('status').getByText('Your email address was changed').waitFor();
      assert.equal((await addressOf(system)).email, NEW_ADDRESS);
      const again = await followConfirmation(page);
      await again.getByRole('heading', { name: 'This link does not work' }).waitFor();
      const undo = await followLink(page, 'account was changed', 'Undo the change');
      await undo.getByRole('button', { name: 'Undo the change' }).click();
      await undo.getByRole('status').getByText('Your old address is back').waitFor();
      assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
      await page.goto('/dashboard');
      assert.equal(new URL(page.url()).pathname, '/login', 'everybody is signed out');
      assert.deepEqual(window.complaints, []);
    });

    it('is informed when the link has expired', async () => {
      await using server = await startHttpServer();
      const { system } = server;
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const { page } = window;
      await askForAnother(page, system);
      system.clock.advance(HOUR);
      const opened = await followConfirmation(page);
      await opened.getByRole('heading', { name: 'This link does not work' }).waitFor();
      assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
      assert.deepEqual(window.complaints, []);
    });
  });
}
