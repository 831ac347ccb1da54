import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { startHttpServer } from '../kit/system.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

let browser: Browser;
before(async () => {
  browser = await sharedBrowser();
});

async function fillIn(page: Page, { username, password }: { username: string; password: string }) {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
}

async function register(page: Page) {
  await page.goto('/register');
  await fillIn(page, ADA);
  await page.getByRole('button', { name: 'Create account' }).click();
}

async function signIn(page: Page, user: { username: string; password: string } = ADA) {
  await page.goto('/login');
  await fillIn(page, user);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

function pathOf(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a user with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    it('registers, signs in, sees the dashboard and signs out', async () => {
      await using server = await startHttpServer();
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await page.goto('/');
      assert.equal(pathOf(page), '/login?next=%2Fdashboard');
      await page.getByRole('link', { name: 'Create an account' }).click();
      await fillIn(page, ADA);
      await page.getByRole('button', { name: 'Create account' }).click();
      assert.equal(pathOf(page), '/login?next=%2Fdashboard');
      assert.match(String(await page.getByRole('status').first().textContent()), /Registration successful!/);
      await fillIn(page, ADA);
      await page.getByRole('button', { name: 'Sign in' }).click();
      assert.equal(pathOf(page), '/dashboard');
      await page.getByRole('heading', { name: 'Welcome to your dashboard!' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      assert.equal(pathOf(page), '/login');
      assert.match(String(await page.getByRole('status').textContent()), /You have been logged out\./);
      await page.reload();
      assert.equal(await page.getByRole('status').count(), 0, 'the message is shown once');
      await page.goto('/dashboard');
      assert.equal(pathOf(page), '/login?next=%2Fdashboard');
      assert.deepEqual(window.complaints, []);
    });

    it('is informed of a wrong password, keeps the entered username, and signs in with the right one', async () => {
      await using server = await startHttpServer();
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await register(page);
      await signIn(page, { ...ADA, password: WRONG_PASSWORD });
      assert.equal(await page.getByRole('alert').textContent(), 'Invalid username or password');
      assert.equal(await page.getByLabel('Username').inputValue(), ADA.username);
      assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
      await page.getByLabel('Password', { exact: true }).fill(ADA.password);
      await page.getByLabel('Password', { exact: true }).press('Enter');
      assert.equal(pathOf(page), '/dashboard');
      assert.deepEqual(window.complaints, []);
    });

    it('is informed beside each field what is wrong with it, and keeps the entered values', async () => {
      await using server = await startHttpServer();
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await page.goto('/register');
      await page.getByLabel('Username').fill('ad');
      await page.getByLabel('Email').fill('ada at example');
      await page.getByLabel('Password', { exact: true }).fill('password');
      await page.getByRole('button', { name: 'Create account' }).click();
      const describedBy = (label: string) =>
        page.getByLabel(label, { exact: label === 'Password' }).getAttribute('aria-describedby');
      for (const [label, name] of [
        ['Username', 'username'],
        ['Email', 'email'],
        ['Password', 'password'],
      ] as const) {
        assert.match(String(await describedBy(label)), new RegExp(`^${name}-problem `));
        assert.ok(await page.locator(`#${name}-problem`).isVisible());
      }
      assert.equal(await page.getByLabel('Username').inputValue(), 'ad');
      assert.equal(await page.getByLabel('Email').inputValue(), 'ada at example');
      assert.match(await page.title(), /^Error: /);
      assert.deepEqual(window.complaints, []);
    });

    it('opens a guarded page first, and returns to it after signing in', async () => {
      await using server = await startHttpServer();
      await using window = await openWindow(browser, server.system.origin, { javaScriptEnabled });
      const { page } = window;
      await register(page);
      await page.goto('/dashboard?from=bookmark');
      assert.match(String(await page.getByRole('status').textContent()), /Please sign in/);
      await fillIn(page, ADA);
      await page.getByRole('button', { name: 'Sign in' }).click();
      assert.equal(pathOf(page), '/dashboard?from=bookmark');
    });
  });
}

describe('a user at a shared computer', () => {
  it('A44: leaves nothing private behind the “back” button after signing out', async () => {
    await using server = await startHttpServer();
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    await register(page);
    await signIn(page);
    await page.getByRole('heading', { name: 'Welcome to your dashboard!' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('status').waitFor();
    await page.goBack();
    assert.equal(pathOf(page), '/login?next=%2Fdashboard');
    assert.equal(await page.getByText(ADA.username, { exact: true }).count(), 0);
  });

  it('signs out in every tab at once', async () => {
    await using server = await startHttpServer();
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    await register(page);
    await signIn(page);
    const other = await page.context().newPage();
    await other.goto('/dashboard');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('status').waitFor();
    await other.reload();
    assert.equal(pathOf(other), '/login?next=%2Fdashboard');
  });

  it('is not signed out by a link alone, but asked first', async () => {
    await using server = await startHttpServer();
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    await register(page);
    await signIn(page);
    await page.goto('/logout');
    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).waitFor();
    await page.goto('/dashboard');
    await page.getByRole('heading', { name: 'Welcome to your dashboard!' }).waitFor();
  });
});

describe('a user with only a keyboard', () => {
  it('registers, signs in and signs out with Tab, Enter, Space and letters', async () => {
    await using server = await startHttpServer();
    await using window = await openWindow(browser, server.system.origin);
    const { page } = window;
    const { keyboard } = page;
    const focused = page.locator(':focus');
    const focusedField = () => focused.getAttribute('name');
    // The browser focuses the first field when it renders the page, which is after it has loaded.
    const firstField = page.locator('[name=username]:focus');
    await page.goto('/register');
    await firstField.waitFor();
    await keyboard.type(ADA.username);
    await keyboard.press('Tab');
    assert.equal(await focusedField(), 'email');
    await keyboard.press('Tab');
    await keyboard.type(ADA.password);
    await keyboard.press('Enter');
    await page.waitForURL('**/login');
    await firstField.waitFor();
    await keyboard.type(ADA.username);
    await keyboard.press('Tab');
    await keyboard.type(ADA.password);
    await keyboard.press('Tab');
    assert.equal(await focused.getAttribute('aria-label'), 'Show password');
    await keyboard.press('Tab');
    assert.equal(await focusedField(), 'remember');
    await keyboard.press('Space');
    assert.ok(await focused.isChecked());
    await keyboard.press('Tab');
    assert.equal(await focused.textContent(), 'Sign in');
    await keyboard.press('Enter');
    await page.waitForURL('**/dashboard');
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'latchkey');
    assert.ok(cookie && cookie.expires > 0, 'it was chosen to stay signed in');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    assert.equal(await focused.getAttribute('href'), '/account');
    await keyboard.press('Tab');
    assert.equal(await focused.textContent(), 'Sign out');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.equal(outline, 'solid', 'the focus can be seen');
    await keyboard.press('Enter');
    await page.waitForURL('**/login');
  });
});
