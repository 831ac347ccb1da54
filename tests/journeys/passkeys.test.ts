import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAccessible, openWindow, sharedBrowser, type Window } from '../kit/browser.ts';
import { newestConfirmation } from '../kit/mailed-links.ts';
import { LONG_NAME, TWO_SCREENS, unreadMessages } from '../kit/pages.ts';
import {
  authenticatorFor,
  PASSKEY_CONFIRM,
  PASSKEY_SIGN_IN,
  PASSKEYS,
  SILENT,
  signInWithPasskey,
} from '../kit/passkeys.ts';
import { startHttpServer } from '../kit/system.ts';
import { addVirtualAuthenticator } from '../kit/virtual-authenticator.ts';
import { ADA } from '../kit/visitor.ts';

const pathOf = ({ page }: Window) => new URL(page.url()).pathname;

/** Registers a user with a long name, and signs in by the pages. */
async function signIn({ page }: Window): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Username or email').fill(LONG_NAME);
  await page.getByLabel('Password', { exact: true }).fill(ADA.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/dashboard');
}

async function createPasskey({ page }: Window): Promise<void> {
  await page.goto(PASSKEYS);
  await page.getByRole('button', { name: 'Create a passkey' }).click();
}

describe('a user with an authenticator in the browser', () => {
  it('creates a passkey, renames it, signs in by the button and by autofill, and removes it', async () => {
    await using server = await startHttpServer();
    const { system } = server;
    await system.visitor().register(LONG_NAME, ADA.password);
    await using window = await openWindow(await sharedBrowser(), system.origin);
    const { page } = window;
    const authenticator = await addVirtualAuthenticator(page);
    await signIn(window);
    await page.goto(PASSKEYS);
    await assertAccessible(page, 'passkeys without one', TWO_SCREENS);
    await createPasskey(window);
    await page.waitForURL('**/account/recovery-codes');
    await page.goto(PASSKEYS);
    await page.getByText('Rename', { exact: false }).first().click();
    await page.getByLabel('Name').fill('My phone');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('heading', { name: 'My phone' }).waitFor();
    await assertAccessible(page, 'passkeys', TWO_SCREENS);
    assert.deepEqual(unreadMessages(await page.content()), []);
    await page.context().clearCookies();
    await authenticator.setPresence(false);
    await page.goto('/login');
    await assertAccessible(page, 'login with a passkey', TWO_SCREENS);
    await authenticator.setPresence(true);
    await page.getByRole('button', { name: 'Continue with a passkey' }).click();
    await page.waitForURL('**/dashboard');
    // The virtual authenticator answers the request of the autofill by itself.
    await page.context().clearCookies();
    await page.goto('/login');
    await page.waitForURL('**/dashboard');
    await page.goto(PASSKEYS);
    await page.getByRole('button', { name: 'Remove My phone' }).click();
    await page
      .getByText('You are signed out everywhere else', { exact: false })
      .or(page.getByRole('status'))
      .first()
      .waitFor();
    await page.context().clearCookies();
    await page.goto(PASSKEY_SIGN_IN);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    // The page has reported to the authenticator that the passkey was removed (Signal API).
    await page.getByText('No passkey was used.').waitFor();
    await assertAccessible(page, 'signing in with a passkey', TWO_SCREENS);
    assert.deepEqual(window.complaints, []);
  });

  it('uses it after the password, and to confirm a sensitive action', async () => {
    await using server = await startHttpServer();
    const { system } = server;
    await system.visitor().register(LONG_NAME, ADA.password);
    await using window = await openWindow(await sharedBrowser(), system.origin);
    const { page } = window;
    const authenticator = await addVirtualAuthenticator(page, { hasResidentKey: false });
    await signIn(window);
    await createPasskey(window);
    await page.waitForURL('**/account/recovery-codes');
    await page.context().clearCookies();
    await page.goto('/login');
    await page.getByLabel('Username or email').fill(LONG_NAME);
    await page.getByLabel('Password', { exact: true }).fill(ADA.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Use your passkey' }).waitFor();
    await assertAccessible(page, 'passkey after the password', TWO_SCREENS);
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.waitForURL('**/dashboard');
    system.clock.advance(11 * 60_000);
    await page.goto(PASSKEYS);
    await page.getByRole('button', { name: 'Continue with a passkey' }).waitFor();
    await assertAccessible(page, 'confirm with a passkey', TWO_SCREENS);
    await page.getByRole('button', { name: 'Continue with a passkey' }).click();
    await page.waitForURL(`**${PASSKEYS}`);
    await page.goto(PASSKEY_CONFIRM);
    await assertAccessible(page, 'the page to confirm with a passkey', TWO_SCREENS);
    await authenticator.setVerified(false);
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    await page.getByText('No passkey was used.').waitFor();
    assert.equal(pathOf(window), PASSKEY_CONFIRM);
    assert.deepEqual(window.complaints, []);
  });

  it('sees that the device has a passkey of the account already', async () => {
    await using server = await startHttpServer();
    const { system } = server;
    await system.visitor().register(LONG_NAME, ADA.password);
    await using window = await openWindow(await sharedBrowser(), system.origin);
    const { page } = window;
    await addVirtualAuthenticator(page);
    await signIn(window);
    await createPasskey(window);
    await page.waitForURL('**/account/recovery-codes');
    await createPasskey(window);
    await page.getByText('has a passkey of your account already').waitFor();
    assert.deepEqual(window.complaints, []);
  });
});

it('a browser without scripts shows no passkey button, and says why on their page', async () => {
  await using server = await startHttpServer();
  const { system } = server;
  await system.visitor().register(LONG_NAME, ADA.password);
  const browser = await sharedBrowser();
  await using window = await openWindow(browser, system.origin, { javaScriptEnabled: false });
  const { page } = window;
  await page.goto('/login');
  assert.equal(await page.getByRole('button', { name: 'Continue with a passkey' }).isVisible(), false);
  await signIn(window);
  await page.goto(PASSKEYS);
  assert.match(String(await page.locator('noscript').first().textContent()), /Passkeys need JavaScript/);
  assert.equal(await page.getByRole('button', { name: 'Create a passkey' }).isVisible(), false);
});

/** What the page of a test can call: an authenticator of the test, which asks no user. */
const BY_ITSELF = `
  PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true });
  navigator.credentials.create = async ({ mediation, publicKey }) => {
    const text = (buffer) => new Uint8Array(buffer).toBase64({ alphabet: 'base64url', omitPadding: true });
    const bytes = (encoded) => Uint8Array.fromBase64(encoded, { alphabet: 'base64url' }).buffer;
    const options = { ...publicKey, challenge: text(publicKey.challenge), user: { ...publicKey.user, id: text(publicKey.user.id) } };
    const created = JSON.parse(await createPasskey(mediation, JSON.stringify(options)));
    if (created === null) throw new DOMException('not now', 'NotAllowedError');
    const { clientDataJSON, attestationObject, transports } = created.response;
    const response = { clientDataJSON: bytes(clientDataJSON), attestationObject: bytes(attestationObject), getTransports: () => transports };
    return { ...created, rawId: bytes(created.rawId), response, getClientExtensionResults: () => ({}) };
  };`;

describe('a password manager that can create passkeys by itself', () => {
  // No virtual authenticator of Chromium answers such a request, so the page gets the one of the test.
  it('creates one after a password, once, says so, and is not asked again', async () => {
    await using server = await startHttpServer();
    const { system } = server;
    await system.visitor().register(LONG_NAME, ADA.password);
    await using window = await openWindow(await sharedBrowser(), system.origin);
    const { page } = window;
    const authenticator = authenticatorFor(system);
    const asked: string[] = [];
    await page.exposeFunction('createPasskey', (mediation: string, options: string) => {
      asked.push(mediation);
      return JSON.stringify(authenticator.create(JSON.parse(options), SILENT));
    });
    await page.addInitScript(BY_ITSELF);
    await signIn(window);
    await page.getByText('has created a passkey for this account').waitFor();
    assert.equal(await page.getByText('Sign in faster next time').isVisible(), false);
    await assertAccessible(page, 'dashboard after a passkey was created', TWO_SCREENS);
    await page.reload();
    await page.goto(PASSKEYS);
    await page.getByRole('heading', { name: 'Ask for a passkey after your password' }).waitFor();
    await assertAccessible(page, 'passkeys that are not asked for', TWO_SCREENS);
    assert.deepEqual(asked, ['conditional']);
    assert.equal((await signInWithPasskey(system.visitor(), authenticator)).location, '/dashboard');
    assert.deepEqual(window.complaints, []);
  });

  it('refuses without a word to the user, who sees the offer of a passkey', async () => {
    await using server = await startHttpServer();
    const { system } = server;
    await system.visitor().register(LONG_NAME, ADA.password);
    await using window = await openWindow(await sharedBrowser(), system.origin);
    const { page } = window;
    const asked = Promise.withResolvers<void>();
    await page.exposeFunction('createPasskey', () => {
      asked.resolve();
      return 'null';
    });
    await page.addInitScript(BY_ITSELF);
    await signIn(window);
    await asked.promise;
    await page.getByText('Sign in faster next time').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    assert.deepEqual(window.complaints, []);
  });
});

describe('a new user', () => {
  const register = async ({ page }: Window) => {
    await page.goto('/register');
    await page.getByRole('link', { name: 'Use a passkey instead of a password' }).click();
    await page.getByRole('heading', { name: 'Create an account with a passkey' }).waitFor();
  };

  it('registers with a passkey, saves the recovery codes, confirms the address, and signs in', async () => {
    await using server = await startHttpServer({ email: 'required' });
    const { system } = server;
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    await using window = await openWindow(await sharedBrowser(), system.origin);
    const { page } = window;
    const authenticator = await addVirtualAuthenticator(page);
    await register(window);
    await assertAccessible(page, 'registration with a passkey', TWO_SCREENS);
    await page.getByLabel('Username').fill(ADA.username);
    await page.getByLabel('Email').fill('long@example.org');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('This username is already taken').first().waitFor();
    await assertAccessible(page, 'refused registration with a passkey', TWO_SCREENS);
    assert.equal(await page.getByLabel('Username').inputValue(), ADA.username);
    await page.getByLabel('Username').fill(LONG_NAME);
    await authenticator.setVerified(false);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('No passkey was used.').waitFor();
    await authenticator.setVerified(true);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
    assert.deepEqual(unreadMessages(await page.content()), []);
    await assertAccessible(page, 'recovery codes of a new account', TWO_SCREENS);
    await page.getByRole('button', { name: 'I have saved them' }).click();
    const { code } = await newestConfirmation(system, 'long@example.org');
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.waitForURL('**/dashboard');
    await page.context().clearCookies();
    await page.goto('/login');
    // The virtual authenticator answers the request of the autofill by itself.
    await page.waitForURL('**/dashboard');
    assert.deepEqual(window.complaints, []);
  });

  it('sees nothing of passkeys without scripts, or in a browser that has none', async () => {
    await using server = await startHttpServer();
    const browser = await sharedBrowser();
    for (const options of [{ javaScriptEnabled: false }, {}]) {
      await using window = await openWindow(browser, server.system.origin, options);
      const { page } = window;
      await page.addInitScript('delete globalThis.PublicKeyCredential');
      for (const path of ['/register', '/login']) {
        await page.goto(path);
        assert.equal(await page.getByText('passkey').filter({ visible: true }).count(), 0, path);
        assert.equal(await page.getByText('or', { exact: true }).filter({ visible: true }).count(), 0, path);
      }
      await page.goto('/register/passkey');
      const shows = options.javaScriptEnabled === false ? 0 : 1;
      assert.equal(await page.getByRole('button', { name: 'Create account' }).count(), shows);
      await page.getByRole('link', { name: 'Use a password instead' }).click();
      await page.waitForURL('**/register');
    }
  });
});
