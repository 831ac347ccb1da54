import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { accessibilityViolations, openWindow, sharedBrowser } from '../kit/browser.ts';
import { everyMail } from '../kit/mail.ts';
import { TWO_LOOKS } from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';

/** One of each mail, in the mailbox of a server. */
async function startMailbox() {
  const server = await startHttpServer();
  const { database, mail } = server.system.system.core;
  const now = server.system.clock.read();
  for (const message of everyMail(now))
    await mail.queue(database.queries, { to: 'ada@example.org', accountId: null, message, now });
  return server;
}

describe('the mailbox of development, in a browser', () => {
  it('shows each mail in its frame, where it runs nothing, and its links open beside it', async () => {
    await using server = await startMailbox();
    const browser = await sharedBrowser();
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    await page.goto('/dev/mailbox');
    await page.getByRole('link', { name: 'Confirm your email address for Latchkey' }).click();
    const letter = page.frameLocator('iframe');
    await letter.getByRole('heading', { name: 'Confirm your email address' }).waitFor();
    const [opened] = await Promise.all([
      page.context().waitForEvent('page'),
      letter.getByRole('link', { name: 'Confirm this address' }).click(),
    ]);
    await opened.waitForLoadState();
    assert.equal(opened.url(), `${server.system.origin}/confirm?token=x&y=z`);
    await opened.close();
    await page.getByRole('link', { name: 'Show its source' }).click();
    assert.match(String(await page.locator('body').textContent()), /^Auto-Submitted: auto-generated$/m);
    assert.deepEqual(window.complaints, []);
  });

  it('learns of new mail by itself, with scripts switched off', async () => {
    await using server = await startHttpServer();
    const browser = await sharedBrowser();
    await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled: false });
    await window.page.goto('/dev/mailbox');
    await window.page.getByText('No mail so far.').waitFor();
    const { database, mail } = server.system.system.core;
    const now = server.system.clock.read();
    const [message] = everyMail(now);
    assert.ok(message !== undefined);
    await mail.queue(database.queries, { to: 'ada@example.org', accountId: null, message, now });
    await window.page.getByRole('link', { name: 'Confirm your email address' }).waitFor();
  });

  it('has no barriers, and neither have its mails, on any screen', async () => {
    await using server = await startMailbox();
    const browser = await sharedBrowser();
    const mails = (await server.system.system.core.mail.mailbox?.list()) ?? [];
    for (const { name: look, ...options } of TWO_LOOKS) {
      await using window = await openWindow(browser, server.system.origin, options);
      const { page } = window;
      await page.route('**/dev/mailbox', withoutRefresh);
      for (const path of ['/dev/mailbox', `/dev/mailbox/mail?id=${mails.at(-1)?.id}`]) {
        await page.goto(path);
        await assertWithoutBarriers(page, `${look}: ${path}`);
      }
      // A mail runs nothing where it is shown, and so could not be measured there.
      await page.goto('about:blank');
      for (const { html, message } of mails) {
        await page.setContent(html);
        await assertFits(page, `${look}: ${message}`);
        // The mails are made of the same parts, and this one has all of them.
        if (message === 'magic-link') await assertWithoutBarriers(page, `${look}: ${message}`, OF_PAGES);
      }
    }
  });
});

// A mail is a part of the page of a mail program, which has these.
const OF_PAGES = ['landmark-one-main', 'region'];

/** A page that loads itself anew would take from axe what it looks at. */
async function withoutRefresh(route: Route): Promise<void> {
  const response = await route.fetch();
  const { refresh, ...headers } = response.headers();
  assert.equal(refresh, '5');
  await route.fulfill({ response, headers });
}

// What stands in the frame runs no script, so axe cannot look at it there.
async function assertWithoutBarriers(
  page: Page,
  what: string,
  without: readonly string[] = [],
): Promise<void> {
  await assertFits(page, what);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  assert.deepEqual(await accessibilityViolations(page, { exclude: ['iframe'], rules }), [], what);
}

async function assertFits(page: Page, what: string): Promise<void> {
  const isWider = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  assert.equal(isWider, false, `${what} is wider than the screen`);
}
