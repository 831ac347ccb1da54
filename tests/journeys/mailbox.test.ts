import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { accessibilityViolations, openWindow, sharedBrowser } from '../kit/browser.ts';
import { everyMail, type SampleMail } from '../kit/mail.ts';
import { TWO_SCREENS } from '../kit/pages.ts';
import { reachInside, startHttpServer, type TestSystem } from '../kit/system.ts';

async function queue(system: TestSystem, mails: readonly SampleMail[]) {
  const { database, mail } = reachInside(system, 'no request queues one of every mail').core;
  for (const { email, occasion } of mails)
    await mail.queue(database.queries, { to: 'ada@example.org', ownerId: null, email, occasion });
}

/** One of each mail, in the mailbox of a server. */
async function startMailbox() {
  const server = await startHttpServer();
  await queue(server.system, everyMail(server.system.clock.read()));
  return server;
}

/** The mails of a mailbox, the newest first: the name of each mail, and its HTML. */
async function mailsIn(system: TestSystem) {
  const developer = system.visitorFrom('127.0.0.1');
  const { body } = await developer.get('/dev/mailbox');
  const listed = [...body.matchAll(/mail\?id=([^"]+)"[\s\S]*?<code>([\w-]+)<\/code>/g)];
  assert.ok(listed.length > 0);
  return Promise.all(
    listed.map(async ([, id = '', message = '']) => {
      const { body: html } = await developer.get(`/dev/mailbox/html?id=${id}`);
      return { id, message, html };
    }),
  );
}

describe('the development mailbox in a browser', () => {
  it('shows each mail in a frame that runs no scripts, and opens its links in a tab of their own', async () => {
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
    assert.equal(opened.url(), `${server.system.origin}/page?token=x&y=z`);
    await opened.close();
    await page.getByRole('link', { name: 'Show its source' }).click();
    assert.match(String(await page.locator('body').textContent()), /^Auto-Submitted: auto-generated$/m);
    assert.deepEqual(window.complaints, []);
  });

  it('shows new mail by itself with scripts off', async () => {
    await using server = await startHttpServer();
    const browser = await sharedBrowser();
    await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled: false });
    await window.page.goto('/dev/mailbox');
    await window.page.getByText('No mail so far.').waitFor();
    const mails = everyMail(server.system.clock.read());
    await queue(
      server.system,
      mails.filter(({ email }) => email.name === 'confirm-address'),
    );
    await window.page.getByRole('link', { name: 'Confirm your email address' }).waitFor();
  });

  it('is accessible on every screen, and so are its mails', async () => {
    await using server = await startMailbox();
    const browser = await sharedBrowser();
    const mails = await mailsIn(server.system);
    for (const { name: look, ...options } of TWO_SCREENS) {
      await using window = await openWindow(browser, server.system.origin, options);
      const { page } = window;
      await page.route('**/dev/mailbox', withoutRefresh);
      for (const path of ['/dev/mailbox', `/dev/mailbox/mail?id=${mails.at(-1)?.id}`]) {
        await page.goto(path);
        await assertWithoutBarriers(page, `${look}: ${path}`);
      }
      // A mail runs no script where it is shown, so it cannot be checked there.
      await page.goto('about:blank');
      for (const { html, message } of mails) {
        await page.setContent(html);
        await assertFits(page, `${look}: ${message}`);
        // The mails have the same parts, and this one has all of them.
        if (message === 'magic-link') await assertWithoutBarriers(page, `${look}: ${message}`, OF_PAGES);
      }
    }
  });
});

// A mail is a part of the page of a mail client, which has these.
const OF_PAGES = ['landmark-one-main', 'region'];

/** Without the refresh of the page, which would interrupt axe. */
async function withoutRefresh(route: Route): Promise<void> {
  const response = await route.fetch();
  const { refresh, ...headers } = response.headers();
  assert.equal(refresh, '5');
  await route.fulfill({ response, headers });
}

// The frame runs no scripts, so axe cannot check its content there.
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
