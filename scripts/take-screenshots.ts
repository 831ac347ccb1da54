// Takes screenshots of every page on every screen for review, or the two of the README:
//   node scripts/run.js scripts/take-screenshots.ts FOLDER
//   node scripts/run.js scripts/take-screenshots.ts --readme
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openWindow, startFullBrowser } from '../tests/kit/browser.ts';
import { ERROR_STATUSES, PAGES, PAGES_BY_MAIL, SCREENS, startErrorPages } from '../tests/kit/pages.ts';
import { startHttpServer } from '../tests/kit/system.ts';
import { ADA } from '../tests/kit/visitor.ts';

const README_FOLDER = fileURLToPath(new URL('../docs/images', import.meta.url));

async function takeAll(browser: Browser, folder: string): Promise<void> {
  const take = async (page: Page, name: string) => {
    for (const { name: look, viewport, colorScheme = null, forcedColors = null } of SCREENS) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, forcedColors });
      await page.screenshot({ path: join(folder, `${name}, ${look}.png`), fullPage: true });
    }
  };
  await using server = await startHttpServer({ magicLink: 'on' });
  await using window = await openWindow(browser, server.system.origin);
  for (const { name, open } of [...PAGES, ...PAGES_BY_MAIL]) {
    await open(window.page, server.system.clock, server.system);
    await take(window.page, name);
  }
  await using errors = await startErrorPages();
  await using errorWindow = await openWindow(browser, errors.origin);
  for (const status of ERROR_STATUSES) {
    await errorWindow.page.goto(`/${status}`);
    await take(errorWindow.page, `${status}`);
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
const browser = await startFullBrowser([]);
try {
  mkdirSync(wish === '--readme' ? README_FOLDER : wish, { recursive: true });
  await (wish === '--readme' ? takeForReadme(browser) : takeAll(browser, wish));
} finally {
  await browser.close();
}
