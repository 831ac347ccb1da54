import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { PAGES } from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

/** With every page enabled. */
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
      // A later response would be read from a page that may be closed.
      window.page.removeAllListeners('requestfinished');
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      assert.ok(bytes > 1_000 && bytes < MAXIMUM_PAGE_BYTES, `${name} weighs ${bytes} bytes`);
    }
  });
});

describe('a message', () => {
  it('P53: has the focus, or describes the field that has it', async () => {
    await using server = await startHttpServer(EVERYTHING);
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    const heard = async () => {
      // Browsers move the focus when they draw the page, which is after its load.
      await page.waitForFunction('document.activeElement !== document.body');
      return String(await page.evaluate(HEARD));
    };
    const send = async (path: string, fields: Readonly<Record<string, string>>) => {
      await page.goto(path);
      for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
      await page.locator('main button[type=submit]').first().click();
      await page.waitForLoadState();
    };
    await send('/register', { username: 'ad', email: 'x', password: 'short' });
    assert.match(await heard(), /^DIV: 3 fields need your attention/);
    await page.getByRole('link', { name: 'Email' }).click();
    assert.match(await heard(), /^INPUT: Enter one email address/);
    await send('/register', { username: ADA.username, password: ADA.password });
    assert.match(await heard(), /^INPUT: Registration successful!/);
    await send('/login', { username: ADA.username, password: 'wrong' });
    assert.match(await heard(), /^INPUT: Invalid username or password/);
    await send('/login', { username: ADA.username, password: ADA.password });
    await send('/account/password', { 'new-password': OTHER_PASSWORD });
    assert.match(await heard(), /^DIV: Your password was changed/);
  });
});

/** The description that a screen reader reads for the focused element, beside its label. */
const HEARD = `(() => {
  const { activeElement: element } = document;
  const ids = element.getAttribute('aria-describedby')?.split(' ') ?? [element.id];
  return element.tagName + ': ' + ids.map((id) => document.getElementById(id)?.textContent.trim()).join(' ').trim();
})()`;

const OTHER_PASSWORD = 'seven paper boats drift by';

describe('the cards of a page', () => {
  it('begin at the same height when they are beside each other', async () => {
    await using server = await startHttpServer(EVERYTHING);
    await using window = await openWindow(browser, server.system.origin, {
      viewport: { width: 1_100, height: 800 },
    });
    const { page } = window;
    await server.system.visitor().register(ADA.username, ADA.password);
    await page.goto('/login');
    await page.locator('#username').fill(ADA.username);
    await page.locator('#password').fill(ADA.password);
    await page.locator('main button[type=submit]').click();
    for (const path of ['/dashboard', '/account']) {
      await page.goto(path);
      const [first, second] = await page.locator('.panels > .card').all();
      const [one, other] = [await first?.boundingBox(), await second?.boundingBox()];
      assert.ok(one && other && other.x > one.x, path);
      assert.deepEqual([other.y, other.height], [one.y, one.height], path);
    }
  });
});

describe('a password field', () => {
  it('P51: is neither corrected nor capitalised while its content is shown', async () => {
    await using server = await startHttpServer(EVERYTHING);
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    await page.goto('/login');
    await page.getByRole('button', { name: 'Show password' }).click();
    const names = ['type', 'autocapitalize', 'autocorrect', 'spellcheck'];
    const found = await Promise.all(names.map((name) => page.locator('#password').getAttribute(name)));
    assert.deepEqual(found, ['text', 'none', 'off', 'false']);
  });

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

  it('accepts pasted text, and declares its purpose to password managers', async () => {
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
    // With scripts, browsers offer passkeys there, too.
    assert.deepEqual(await purposes(), ['username webauthn', 'current-password']);
    await page.goto('/register');
    assert.deepEqual(await purposes(), ['username', 'email', 'new-password']);
    await page.locator('#username').fill(ADA.password);
    await page.locator('#username').press('Control+A');
    await page.locator('#username').press('Control+C');
    await page.locator('#password').press('Control+V');
    assert.equal(await page.locator('#password').inputValue(), ADA.password);
  });
});
