import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAccessible, openWindow, sharedBrowser } from '../kit/browser.ts';
import { PAGES, SCREENS, unreadMessages } from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';

describe('every page', () => {
  it('is accessible, fits the screen and loads nothing from another origin', async () => {
    await using server = await startHttpServer({ magicLink: 'on' });
    await using window = await openWindow(await sharedBrowser(), server.system.origin);
    for (const { name, open } of PAGES) {
      await open(window.page, server.system.clock, server.system);
      await assertAccessible(window.page, name, SCREENS);
      assert.deepEqual(unreadMessages(await window.page.content()), [], name);
    }
    assert.deepEqual(window.complaints, []);
  });
});
