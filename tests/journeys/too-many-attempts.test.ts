import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function signIn(page: Page, password: string) {
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A user who has exceeded the limit of wrong passwords. */
async function overdo(page: Page) {
  await page.goto('/login');
  for (let attempt = 0; attempt < 6; attempt += 1) await signIn(page, WRONG_PASSWORD);
  assert.match(String(await page.getByRole('alert').textContent()), /Too many attempts/);
}

describe('a user who has entered too many wrong passwords', () => {
  it('can sign in after a short calculation in the background, with scripts on', async () => {
    await using server = await startHttpServer();
    await server.system.visitor().register(ADA.username, ADA.password);
    await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled: true });
    await overdo(window.page);
    await window.page.getByText('Done. You can try again now.').waitFor();
    await signIn(window.page, ADA.password);
    assert.equal(new URL(window.page.url()).pathname, '/dashboard');
  });

  it('can sign in after the time that the page names, with scripts off', async () => {
    await using server = await startHttpServer();
    await server.system.visitor().register(ADA.username, ADA.password);
    await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled: false });
    await overdo(window.page);
    await signIn(window.page, ADA.password);
    assert.match(String(await window.page.getByRole('alert').textContent()), /in 15 minutes/);
    server.system.clock.advance(15 * MINUTE);
    await signIn(window.page, ADA.password);
    assert.equal(new URL(window.page.url()).pathname, '/dashboard');
  });
});
