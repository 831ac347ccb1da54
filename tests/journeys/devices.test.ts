import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { accessibilityViolations, openWindow, sharedBrowser } from '../kit/browser.ts';
import { type HttpServer, startHttpServer } from '../kit/system.ts';
import { ADA, DEVICES_PAGE, signInOn } from '../kit/visitor.ts';

const FIREFOX_ON_WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
const STOLEN = /A session of yours was ended because an old copy of its cookie was used\./;

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function startWithAda(): Promise<HttpServer> {
  const server = await startHttpServer();
  await server.system.visitor().register(ADA.username, ADA.password);
  return server;
}

async function signIn(page: Page, isRemembered = false): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await page.getByLabel('Keep me signed in').setChecked(isRemembered);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/dashboard');
}

function pathOf(page: Page): string {
  return new URL(page.url()).pathname;
}

/** Opens a page, and returns whether its visitor was admitted. */
async function isLetIn(page: Page): Promise<boolean> {
  await page.goto('/dashboard');
  return pathOf(page) === '/dashboard';
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user with two browsers, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    const open = (server: HttpServer, own: BrowserContextOptions = {}) =>
      openWindow(browser, server.system.origin, { javaScriptEnabled, ...own });

    it('sees both sessions, this one first, and signs the other out', async () => {
      await using server = await startWithAda();
      await using desk = await open(server);
      await using library = await open(server, { userAgent: FIREFOX_ON_WINDOWS });
      await signIn(desk.page);
      await signIn(library.page, true);
      await desk.page.getByRole('link', { name: 'See everywhere you are signed in' }).click();
      assert.equal(pathOf(desk.page), DEVICES_PAGE);
      const items = desk.page.getByRole('listitem');
      assert.match(String(await items.nth(0).textContent()), /Chrome on Linux.*This browser/s);
      assert.match(String(await items.nth(1).textContent()), /Firefox on Windows.*Yes.*until 31 Jan 2026/s);
      const toPassword = desk.page.getByRole('link', { name: 'change your password' });
      assert.equal(await toPassword.getAttribute('href'), '/account/password');
      await desk.page.getByRole('button', { name: /^Sign out Firefox on Windows, last seen / }).click();
      assert.match(String(await desk.page.getByRole('status').textContent()), /signed out now/);
      assert.equal(await items.count(), 1);
      assert.equal(await isLetIn(library.page), false);
      assert.ok(await isLetIn(desk.page));
      assert.deepEqual([...desk.complaints, ...library.complaints], []);
    });

    it('signs out everywhere else', async () => {
      await using server = await startWithAda();
      await using desk = await open(server);
      await using library = await open(server);
      await signIn(desk.page);
      await signIn(library.page);
      await desk.page.goto(DEVICES_PAGE);
      await desk.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
      assert.match(String(await desk.page.getByRole('status').textContent()), /in 1 other place now/);
      assert.equal(await isLetIn(library.page), false);
      assert.ok(await isLetIn(desk.page));
    });

    it('can also sign this browser out from the list', async () => {
      await using server = await startWithAda();
      await using desk = await open(server);
      await signIn(desk.page);
      await desk.page.goto(DEVICES_PAGE);
      await desk.page.getByRole('button', { name: /^Sign out Chrome on Linux, last seen / }).click();
      assert.equal(pathOf(desk.page), '/login');
      assert.match(String(await desk.page.getByRole('status').textContent()), /You have been logged out\./);
      const cookies = await desk.page.context().cookies();
      assert.equal(
        cookies.find(({ name }) => name === 'latchkey'),
        undefined,
        'no session is left',
      );
    });
  });
}

describe('a stolen cookie', () => {
  for (const first of ['thief', 'owner'] as const) {
    it(`A10: ends the session for both when the ${first} continues it first, and the owner is notified`, async () => {
      await using server = await startWithAda();
      const { origin, clock, events } = server.system;
      // A request of the dashboard's script would continue the session of the owner, at a time of its own.
      const javaScriptEnabled = false;
      await using owner = await openWindow(browser, origin, { javaScriptEnabled });
      await using thief = await openWindow(browser, origin, {
        javaScriptEnabled,
        userAgent: FIREFOX_ON_WINDOWS,
      });
      await signIn(owner.page);
      await thief.page.context().addCookies(await owner.page.context().cookies());
      const [leading, trailing] = first === 'thief' ? [thief.page, owner.page] : [owner.page, thief.page];
      clock.advance(10 * MINUTE);
      assert.ok(await isLetIn(leading), 'its token is replaced here');
      assert.ok(await isLetIn(leading), 'and the successor is used');
      clock.advance(30 * SECOND);
      assert.equal(await isLetIn(trailing), false, 'the replaced one comes back');
      assert.equal(await isLetIn(leading), false, 'and the session is over');
      assert.equal(events.filter(({ type }) => type === 'session-stolen').length, 1);
      await signIn(owner.page);
      assert.match(String(await owner.page.getByRole('status').textContent()), STOLEN);
      await owner.page.goto(DEVICES_PAGE);
      assert.equal(await owner.page.getByRole('listitem').count(), 1);
      assert.equal(await owner.page.getByRole('status').count(), 0, 'it is told once');
      assert.equal(await isLetIn(thief.page), false);
    });
  }
});

describe('the list of sessions', () => {
  it('fits a small screen with fifty browsers, and each button has a distinct name', async () => {
    await using server = await startWithAda();
    const { system } = server;
    for (let number = 1; number < 50; number += 1) {
      await signInOn(system.visitor(), ADA, { isRemembered: number % 2 === 0 });
      system.clock.advance(MINUTE);
    }
    await using window = await openWindow(browser, system.origin, { viewport: { width: 320, height: 640 } });
    const { page } = window;
    await signIn(page);
    await page.goto(DEVICES_PAGE);
    assert.equal(await page.getByRole('listitem').count(), 50);
    const buttons = page.locator('main li button');
    const names = (await buttons.allTextContents()).map((name) => name.replace(/\s+/g, ' '));
    assert.equal(new Set(names).size, 50);
    assert.deepEqual(await accessibilityViolations(page), []);
    assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 320);
    assert.deepEqual(window.complaints, []);
  });
});
