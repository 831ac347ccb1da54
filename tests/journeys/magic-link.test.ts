import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import {
  newestConfirmation,
  newestLink,
  openAndConfirm,
  REQUIRED,
  registerAda,
} from '../kit/mailed-links.ts';
import { settleRequests, startHttpServer, type TestSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

const ON = { ...REQUIRED, magicLink: 'on' } as const;

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

/** Ada, whose address is confirmed, requests a sign-in mail before opening her account. */
async function ask(page: Page, system: TestSystem) {
  await openAndConfirm(await registerAda(system), (await newestConfirmation(system)).path);
  await page.goto('/account');
  await page.getByRole('link', { name: 'Sign in with a mail instead' }).click();
  await page.getByLabel('Username or email').fill(ADA.username);
  await page.getByRole('button', { name: 'Send the mail' }).click();
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  await settleRequests(system);
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who signs in by mail, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('opens the mailed link in the same browser, and continues to the requested page', async () => {
      await using server = await startHttpServer(ON);
      const { system } = server;
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const { page } = window;
      await ask(page, system);
      await page.goto('/dev/mailbox');
      await page.getByRole('link', { name: 'Sign in to' }).first().click();
      const letter = page.frameLocator('iframe');
      const link = await letter.getByRole('link', { name: 'Sign in' }).first().getAttribute('href');
      await page.goto(String(link));
      assert.match(new URL(page.url()).search, /^\?flow=[\w-]{16}$/, 'the token has left the address');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL('**/account');
      assert.deepEqual(window.complaints, []);
    });

    it('enters the mailed code, and finds no button behind the link in another browser', async () => {
      await using server = await startHttpServer(ON);
      const { system } = server;
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      await using phone = await openWindow(browser, system.origin, { javaScriptEnabled });
      await ask(window.page, system);
      const { path, code } = await newestLink(system);
      await phone.page.goto(path);
      await phone.page.getByRole('heading', { name: 'Open this link where you asked for it' }).waitFor();
      assert.equal(await phone.page.getByRole('button').count(), 0);
      await window.page.getByLabel('Code from the mail').fill(code);
      await window.page.getByRole('button', { name: 'Sign in' }).click();
      await window.page.waitForURL('**/account');
      assert.deepEqual(window.complaints, []);
    });
  });
}
