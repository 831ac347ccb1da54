import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { PAGES } from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

/** With every page that there can be. */
const EVERYTHING = { magicLink: 'on' } as const;

const MAXIMUM_PAGE_BYTES = 30_000;

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

describe('a page', () => {
  it('weighs less than 30 KB with everything that it loads', async () => {
    await using server = await startHttpServer(EVERYTHING);
    for (const { name, open } of PAGES.slice(0, 2)) {
      await using window = await openWindow(browser, server.system.origin);
      const sizes: Promise<number>[] = [];
      window.page.on('requestfinished', (request) => {
        sizes.push(request.sizes().then((size) => size.responseBodySize + size.responseHeadersSize));
      });
      await open(window.page, server.system.clock, server.system);
      await window.page.waitForLoadState('load');
      // What comes later is asked of a page that may be closed.
      window.page.removeAllListeners('requestfinished');
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      assert.ok(bytes > 1_000 && bytes < MAXIMUM_PAGE_BYTES, `${name} weighs ${bytes} bytes`);
    }
  });
});

describe('a password field', () => {
  it('shows its content when asked, and hides it again before the form is sent', async () => {
    await using server = await startHttpServer(EVERYTHING);
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    await page.goto('/register');
    const field = page.locator('#password');
    await field.fill(ADA.password);
    await page.getByRole('button', { name: 'Show password' }).click();
    assert.equal(await field.getAttribute('type'), 'text');
    assert.equal(
      await page.getByRole('button', { name: 'Show password' }).getAttribute('aria-pressed'),
      'true',
    );
    await page.getByRole('button', { name: 'Show password' }).click();
    assert.equal(await field.getAttribute('type'), 'password');
    await page.getByRole('button', { name: 'Show password' }).click();
    // Read where the browser reads what it sends and remembers.
    await page.evaluate(`document.forms[0].addEventListener('submit', (event) => {
      event.preventDefault();
      document.title = document.querySelector('#password').type;
    })`);
    await page.getByRole('button', { name: 'Create account' }).click();
    assert.equal(await page.title(), 'password');
  });

  it('has no button to show its content when scripts are off', async () => {
    await using server = await startHttpServer(EVERYTHING);
    await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled: false });
    await window.page.goto('/login');
    assert.deepEqual(await window.page.getByRole('button').allTextContents(), ['Sign in']);
  });

  it('accepts pasted text, and tells password managers its purpose', async () => {
    await using server = await startHttpServer(EVERYTHING);
    await using window = await openWindow(browser, server.system.origin, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = window;
    const purposes = async () =>
      page
        .locator('main .field input')
        .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('autocomplete')));
    await page.goto('/login');
    assert.deepEqual(await purposes(), ['username', 'current-password']);
    await page.goto('/register');
    assert.deepEqual(await purposes(), ['username', 'email', 'new-password']);
    await page.locator('#username').fill(ADA.password);
    await page.locator('#username').press('Control+A');
    await page.locator('#username').press('Control+C');
    await page.locator('#password').press('Control+V');
    assert.equal(await page.locator('#password').inputValue(), ADA.password);
  });
});
