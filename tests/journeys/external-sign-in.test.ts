import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { assertAccessible, openWindow, sharedBrowser } from '../kit/browser.ts';
import { acme, CALLBACK } from '../kit/federation.ts';
import { startOpenIdProvider } from '../kit/openid-provider.ts';
import { TWO_SCREENS } from '../kit/pages.ts';
import { startHttpServer, type TestOptions } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

/** A site at localhost, and a provider at 127.0.0.1, which is another site for a browser. */
async function start(options: BrowserContextOptions, more: TestOptions = {}) {
  const port = await freePort();
  const site = `http://localhost:${port}`;
  const provider = await startOpenIdProvider(site + CALLBACK, {
    post_logout_redirect_uris: [`${site}/login`],
  });
  provider.claims = { preferred_username: 'ada.l', email: 'ada@example.org', email_verified: true };
  const server = await startHttpServer(acme(provider, { port, ...more }));
  const window = await openWindow(browser, server.system.origin, options);
  const strange = () =>
    window.complaints.filter((text) => text.startsWith(`elsewhere: ${provider.origin}/`) === false);
  return {
    provider,
    system: server.system,
    page: window.page,
    strange,
    [Symbol.asyncDispose]: async () => {
      await window[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function register(page: Page): Promise<void> {
  await page.goto('/login');
  await page.getByRole('button', { name: 'Continue with Acme' }).click();
  await page.waitForURL('**/register/connected?*');
  await page.getByLabel('Username').fill(ADA.username);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/dashboard');
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login');
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user who signs in with an identity provider, with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('opens a guarded page, chooses a username and gets there, and needs no choice later', async () => {
      await using started = await start({ javaScriptEnabled });
      const { page } = started;
      await page.goto('/account');
      await page.getByRole('button', { name: 'Continue with Acme' }).click();
      await page.getByRole('heading', { name: 'Choose your username' }).waitFor();
      assert.equal(await page.getByLabel('Username').inputValue(), 'ada.l');
      await page.getByLabel('Username').fill('a');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByText('That is too short').waitFor();
      await page.getByLabel('Username').fill(ADA.username);
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.waitForURL('**/account');
      await signOut(page);
      await page.getByRole('button', { name: 'Continue with Acme' }).click();
      await page.waitForURL('**/dashboard');
      await page.getByText('another site').waitFor();
      assert.deepEqual(started.strange(), []);
    });

    it('cancels there or finds it failing, and returns to the other sign-in methods', async () => {
      await using started = await start({ javaScriptEnabled });
      const { page, provider } = started;
      provider.user = null;
      await page.goto('/login');
      await page.getByRole('button', { name: 'Continue with Acme' }).click();
      await page.getByRole('status').getByText('You have cancelled it').waitFor();
      provider.refusal = 'unauthorized_client';
      await page.getByRole('button', { name: 'Continue with Acme' }).click();
      await page.getByText('did not let you sign in').waitFor();
      await provider.stop();
      started.system.clock.advance(2 * 60 * MINUTE);
      await page.getByRole('button', { name: 'Continue with Acme' }).click();
      await page.getByText('does not answer at the moment').waitFor();
      await page.getByLabel('Username').waitFor();
      assert.deepEqual(started.strange(), []);
    });

    it('signs out, is also signed out there, and returns', async () => {
      await using started = await start({ javaScriptEnabled }, { oidcAcmeLogout: 'both' });
      const { page } = started;
      await register(page);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Yes, sign me out' }).click();
      await page.waitForURL('**/login');
      await page.getByRole('status').getByText('You have been logged out').waitFor();
      assert.deepEqual(started.strange(), []);
    });

    it('connects a provider to an existing account, and disconnects it', async () => {
      await using started = await start({ javaScriptEnabled });
      const { page, system } = started;
      await system.visitor().register(ADA.username, ADA.password);
      await page.goto('/login?next=%2Faccount');
      await page.getByLabel('Username').fill(ADA.username);
      await page.getByLabel('Password', { exact: true }).fill(ADA.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('link', { name: 'See your connected sites' }).click();
      await page.getByRole('button', { name: 'Connect Acme' }).click();
      await page.getByRole('status').getByText('You can sign in with that site').waitFor();
      await page.getByText('ada@example.org', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('status').getByText('That site is disconnected').waitFor();
      assert.deepEqual(started.strange(), []);
    });

    it('has no password, confirms their identity there again, and sets one', async () => {
      await using started = await start({ javaScriptEnabled });
      const { page, system } = started;
      await register(page);
      system.clock.advance(10 * MINUTE);
      await page.goto('/account/password');
      await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
      await page.getByRole('button', { name: 'Continue with Acme' }).click();
      await page.getByRole('heading', { name: 'Set a password' }).waitFor();
      await page.getByLabel('New password').fill(ADA.password);
      await page.getByRole('button', { name: 'Set password' }).click();
      await page.getByRole('status').getByText('You have a password now').waitFor();
      assert.deepEqual(started.strange(), []);
    });
  });
}

describe('every page of external sign-in', () => {
  // Its parts are those of all other pages; a small and a dark screen show faults of its texts.
  const check = (page: Page, what: string) => assertAccessible(page, what, TWO_SCREENS);

  it('is accessible and fits the screen', async () => {
    await using started = await start({});
    const { page, provider, system } = started;
    const checkAt = async (path: string) => {
      await page.goto(path);
      await check(page, path);
    };
    await checkAt('/login');
    await checkAt('/register');
    await page.getByRole('button', { name: 'Continue with Acme' }).click();
    await page.waitForURL('**/register/connected?*');
    await check(page, 'the choice of a username');
    await page.getByLabel('Username').fill('a');
    await page.getByLabel('Email').fill('x');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Username: That is too short').waitFor();
    await check(page, 'the choice with problems');
    await page.getByLabel('Username').fill(ADA.username);
    await page.getByLabel('Email').fill('');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL('**/dashboard');
    await checkAt('/account');
    await checkAt('/account/connections');
    await checkAt('/account/password');
    system.clock.advance(10 * MINUTE);
    await checkAt('/account/confirm');
    provider.user = null;
    await page.getByRole('button', { name: 'Continue with Acme' }).click();
    await page.getByRole('status').getByText('You have cancelled it').waitFor();
    await check(page, 'the way back');
    assert.deepEqual(started.strange(), []);
  });
});
