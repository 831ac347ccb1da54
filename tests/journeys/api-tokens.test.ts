import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginDevice, isAdmitted, poll, WITH_TOKENS } from '../kit/api-tokens.ts';
import { assertAccessible, openWindow, sharedBrowser } from '../kit/browser.ts';
import { LONG_NAME, PAGES_OF_TOKENS, TWO_SCREENS, unreadMessages } from '../kit/pages.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

describe('a user with API tokens', () => {
  it('creates one, copies it, and allows a device, on pages that are accessible', async () => {
    await using server = await startHttpServer(WITH_TOKENS);
    const { system } = server;
    await system.visitor().register(LONG_NAME, ADA.password);
    await using window = await openWindow(await sharedBrowser(), system.origin);
    for (const { name, open } of PAGES_OF_TOKENS) {
      await open(window.page, system.clock, system);
      await assertAccessible(window.page, name, TWO_SCREENS);
      assert.deepEqual(unreadMessages(await window.page.content()), [], name);
    }
    assert.deepEqual(window.complaints, []);
  });

  it('needs no scripts for it', async () => {
    await using server = await startHttpServer(WITH_TOKENS);
    const { system } = server;
    await system.visitor().register(ADA.username, ADA.password);
    const { user_code, device_code, verification_uri_complete } = await beginDevice(system);
    await using window = await openWindow(await sharedBrowser(), system.origin, { javaScriptEnabled: false });
    const { page } = window;
    await page.goto(verification_uri_complete);
    await page.getByLabel('Username or email').fill(ADA.username);
    await page.getByLabel('Password').fill(ADA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/device?user_code=*');
    assert.equal(await page.getByLabel('Code').inputValue(), user_code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('notes-cli wants to act as Ada').waitFor();
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByText('It is allowed.').waitFor();
    assert.ok(await isAdmitted(system, String((await poll(system, device_code)).access_token)));
    assert.deepEqual(window.complaints, []);
  });
});
