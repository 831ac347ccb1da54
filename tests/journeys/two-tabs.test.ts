import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { OPTIONAL, requestResetPath } from '../kit/mailed-links.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA, BEN, type Credentials, signInAs } from '../kit/visitor.ts';

const BOTH = [
  { ...ADA, email: 'ada@example.org', next: 'four grey herons on a pier' },
  { ...BEN, email: 'ben@example.net', next: 'two slow trains through fog' },
] as const;

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function enter(page: Page, { username, password }: Credentials) {
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user with two tabs, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('A61 P17 sets the password of each account by its own link, in either order', async () => {
      await using server = await startHttpServer(OPTIONAL);
      const { system } = server;
      for (const { username, password, email } of BOTH)
        await system.visitor().register(username, password, email);
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const tabs: { tab: Page; user: (typeof BOTH)[number] }[] = [];
      for (const user of BOTH) {
        const tab = await window.page.context().newPage();
        await tab.goto(await requestResetPath(system, user.email));
        await tab.getByText(`the account of ${user.username}`).waitFor();
        tabs.push({ tab, user: user });
      }
      for (const { tab, user } of tabs) {
        await tab.getByLabel('New password').fill(user.next);
        await tab.getByRole('button', { name: 'Set the new password' }).click();
        await tab.getByRole('status').getByText('Your new password is set').waitFor();
      }
      for (const { username, next } of BOTH) await signInAs(system.visitor(), { username, password: next });
    });

    it('A61 P06 is led on by a form that was opened before signing in in the other tab', async () => {
      await using server = await startHttpServer(OPTIONAL);
      const { system } = server;
      await system.visitor().register(ADA.username, ADA.password);
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const [first, second] = [window.page, await window.page.context().newPage()];
      for (const tab of [first, second]) await tab.goto('/login?next=/account');
      await enter(first, ADA);
      await first.waitForURL('**/account');
      await enter(second, ADA);
      await second.waitForURL('**/account');
    });

    it('A66 signs in once by a double click', async () => {
      await using server = await startHttpServer(OPTIONAL);
      const { system } = server;
      await system.visitor().register(ADA.username, ADA.password);
      await using window = await openWindow(browser, system.origin, { javaScriptEnabled });
      const { page } = window;
      await page.goto('/login');
      await page.getByLabel('Username or email').fill(ADA.username);
      await page.getByLabel('Password', { exact: true }).fill(ADA.password);
      await page.getByRole('button', { name: 'Sign in' }).dblclick();
      await page.waitForURL('**/dashboard');
      await page.goto('/account/sessions');
      assert.equal(await page.locator('ul.sessions > li').count(), 1);
    });
  });
}
