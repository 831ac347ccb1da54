import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAccessible, openWindow, sharedBrowser } from '../kit/browser.ts';
import { LONG_NAME, pagesOfFactors, pagesOfPolicy, TWO_SCREENS, unreadMessages } from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

for (const javaScriptEnabled of [true, false]) {
  describe(`a user with a second factor, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('sets it up, confirms and signs in with it, and uses a recovery code', async () => {
      await using server = await startHttpServer();
      const { system } = server;
      await system.visitor().register(LONG_NAME, ADA.password);
      const options = { javaScriptEnabled, viewport: { width: 320, height: 640 } };
      await using window = await openWindow(await sharedBrowser(), system.origin, options);
      const { page } = window;
      for (const { name, open } of pagesOfFactors()) {
        await open(page, system.clock, system);
        // Axe is a script.
        if (javaScriptEnabled) await assertAccessible(page, name, TWO_SCREENS);
        assert.deepEqual(unreadMessages(await page.content()), [], name);
      }
      assert.equal(new URL(page.url()).pathname, '/account/security');
      await page.getByText('You have used a recovery code; 9 are left').waitFor();
      assert.deepEqual(window.complaints, []);
    });

    it('is reminded of one that is required, sets it up in the sign-in after the grace period, and has the browser remembered', async () => {
      await using server = await startHttpServer({ mfa: 'required', mfaRemember: '30d' });
      const { system } = server;
      await system.visitor().register(LONG_NAME, ADA.password);
      const options = { javaScriptEnabled, viewport: { width: 320, height: 640 } };
      await using window = await openWindow(await sharedBrowser(), system.origin, options);
      const { page } = window;
      for (const { name, open } of pagesOfPolicy(8)) {
        await open(page, system.clock, system);
        if (javaScriptEnabled) await assertAccessible(page, name, TWO_SCREENS);
        assert.deepEqual(unreadMessages(await page.content()), [], name);
      }
      assert.deepEqual(window.complaints, []);
    });
  });
}
