// Takes pictures of every page on every screen, to be looked at, or the two of the README:
//   node scripts/run.js scripts/take-screenshots.ts FOLDER
//   node scripts/run.js scripts/take-screenshots.ts --readme
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { openWindow, startBrowser } from '../tests/support/browser.ts';
import { ERROR_STATUSES, startErrorPages } from '../tests/support/error-pages.ts';
import { startHttpServer } from '../tests/support/http-server.ts';
import { ALL_PAGES, LOOKS } from '../tests/support/pages.ts';
import { ADA } from '../tests/support/people.ts';

const README_FOLDER = fileURLToPath(new URL('../docs/images', import.meta.url));

async function takeAll(browser: Browser, folder: string): Promise<void> {
  for (const [look, options] of LOOKS) {
    const file = (name: string) => join(folder, `${name}, ${look}.png`);
    await using server = await startHttpServer({ magicLink: 'on' });
    await using window = await openWindow(browser, server.system.origin, options);
    for (const { name, open } of ALL_PAGES) {
      await open(window.page, server.system.clock, server.system);
      await window.page.screenshot({ path: file(name), fullPage: true });
    }
    await using errors = await startErrorPages();
    await using errorWindow = await openWindow(browser, errors.origin, options);
    for (const status of ERROR_STATUSES) {
      await errorWindow.page.goto(`/${status}`);
      await errorWindow.page.screenshot({ path: file(`${status}`), fullPage: true });
    }
  }
}

async function takeForReadme(browser: Browser): Promise<void> {
  const options = { viewport: { width: 960, height: 620 }, deviceScaleFactor: 2 };
  await using server = await startHttpServer();
  await using window = await openWindow(browser, server.system.origin, options);
  const { page } = window;
  await server.system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
  await page.goto('/login');
  await page.screenshot({ path: join(README_FOLDER, 'sign-in.png') });
  await page.locator('#username').fill(ADA.username);
  await page.locator('#password').fill(ADA.password);
  await page.locator('main button[type=submit]').click();
  await page.waitForURL('**/dashboard');
  await page.screenshot({ path: join(README_FOLDER, 'dashboard.png') });
}

const [wish] = process.argv.slice(2);
if (wish === undefined) throw new Error('name a folder for the pictures, or give --readme');
const browser = await startBrowser();
try {
  mkdirSync(wish === '--readme' ? README_FOLDER : wish, { recursive: true });
  await (wish === '--readme' ? takeForReadme(browser) : takeAll(browser, wish));
} finally {
  await browser.close();
}
