import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAccessible, openWindow, sharedBrowser } from '../kit/browser.ts';
import { createInvitation } from '../kit/mailed-links.ts';
import {
  ERROR_STATUSES,
  PAGES_BY_MAIL,
  SCREENS,
  startErrorPages,
  TWO_SCREENS,
  unreadMessages,
} from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';

describe('a page', () => {
  it('that a mail links to is accessible, fits the screen and loads nothing from another origin', async () => {
    await using server = await startHttpServer({ magicLink: 'on' });
    await using window = await openWindow(await sharedBrowser(), server.system.origin);
    for (const { name, open } of PAGES_BY_MAIL) {
      await open(window.page, server.system.clock, server.system);
      await assertAccessible(window.page, name, TWO_SCREENS);
      assert.deepEqual(unreadMessages(await window.page.content()), [], name);
    }
    assert.deepEqual(window.complaints, []);
  });

  it('of registration by invitation is accessible and fits the screen', async () => {
    await using server = await startHttpServer({ registration: 'invite' });
    await using window = await openWindow(await sharedBrowser(), server.system.origin);
    const links = [
      await createInvitation(server.system, { email: 'ada@example.org' }),
      await createInvitation(server.system),
      'no such token',
    ];
    await window.page.goto('/register');
    await assertAccessible(window.page, 'without an invitation', TWO_SCREENS);
    for (const [number, token] of links.entries()) {
      await window.page.goto(`/register?token=${token}`);
      await assertAccessible(window.page, `link ${number}`, TWO_SCREENS);
    }
    assert.deepEqual(window.complaints, []);
  });

  it('for an error is accessible and fits the screen', async () => {
    await using server = await startErrorPages();
    await using window = await openWindow(await sharedBrowser(), server.origin);
    for (const status of ERROR_STATUSES) {
      await window.page.goto(`/${status}`);
      await assertAccessible(window.page, `${status}`, SCREENS);
    }
    assert.deepEqual(window.complaints, []);
  });
});
