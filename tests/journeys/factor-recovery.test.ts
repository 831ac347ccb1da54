import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAccessible, openWindow, sharedBrowser } from '../kit/browser.ts';
import { newestConfirmation, openAndConfirm } from '../kit/mailed-links.ts';
import { LONG_ADDRESS, LONG_NAME, pagesOfRecovery, TWO_SCREENS, unreadMessages } from '../kit/pages.ts';
import { setUpAuthenticator } from '../kit/second-factors.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA, signInAs } from '../kit/visitor.ts';

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who has lost the second factor, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('waits, signs in without it, and undoes that from the mail', async () => {
      await using server = await startHttpServer({ email: 'required', mfaRecoveryDelay: '7d' });
      const { system } = server;
      const device = system.visitor();
      await device.register(LONG_NAME, ADA.password, LONG_ADDRESS);
      await openAndConfirm(device, (await newestConfirmation(system, LONG_ADDRESS)).path);
      await signInAs(device, { username: LONG_NAME, password: ADA.password });
      await setUpAuthenticator(system, device);
      const options = { javaScriptEnabled, viewport: { width: 320, height: 640 } };
      await using window = await openWindow(await sharedBrowser(), system.origin, options);
      const { page } = window;
      for (const { name, open } of pagesOfRecovery(device)) {
        await open(page, system.clock, system);
        // Axe is a script.
        if (javaScriptEnabled) await assertAccessible(page, name, TWO_SCREENS);
        assert.deepEqual(unreadMessages(await page.content()), [], name);
      }
      assert.deepEqual(window.complaints, []);
    });
  });
}
