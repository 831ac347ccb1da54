import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { createInvitation } from '../kit/mailed-links.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function register(page: Page, { username, password }: { username: string; password: string }) {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

for (const javaScriptEnabled of [true, false]) {
  describe(`an invited user, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('opens the link, creates an account and signs in, while the address bar never shows the token', async () => {
      await using server = await startHttpServer({ registration: 'invite' });
      const token = await createInvitation(server.system);
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      const addresses: string[] = [];
      page.on('framenavigated', (frame) => addresses.push(frame.url()));
      await page.goto(`/register?token=${token}`);
      await page.getByText('You were invited.').waitFor();
      await page.reload();
      await register(page, ADA);
      assert.match(String(await page.getByRole('status').textContent()), /Registration successful!/);
      assert.deepEqual(server.system.pauses, [1_000], 'who is so fast waits a moment, and is let in');
      await page.getByLabel('Username').fill(ADA.username);
      await page.getByLabel('Password', { exact: true }).fill(ADA.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Welcome to your dashboard!' }).waitFor();
      assert.ok(addresses.length >= 4);
      for (const address of addresses) assert.ok(!address.includes(token), address);
      assert.deepEqual(window.complaints, []);
    });
  });
}

describe('a user whose invitation has been used in the meantime', () => {
  it('is informed after sending the form, and when opening the link again', async () => {
    await using server = await startHttpServer({ registration: 'invite' });
    const token = await createInvitation(server.system);
    await using first = await openWindow(browser, server.system.origin);
    await using second = await openWindow(browser, server.system.origin);
    for (const { page } of [first, second]) await page.goto(`/register?token=${token}`);
    await register(first.page, ADA);
    await first.page.getByRole('status').waitFor();
    await register(second.page, BEN);
    const heading = second.page.getByRole('heading', { name: 'This invitation does not work' });
    await heading.waitFor();
    await second.page.goto('/register');
    await second.page.getByRole('heading', { name: 'Registration is by invitation' }).waitFor();
    await second.page.goto(`/register?token=${token}`);
    await heading.waitFor();
  });
});
