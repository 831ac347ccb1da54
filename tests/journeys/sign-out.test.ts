import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createLatchkey } from '../../src/index.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { freePort } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';

/** An application with a guarded page that browsers may store for ten minutes. */
async function startApplication() {
  const port = await freePort();
  const latchkey = createLatchkey({
    port,
    databaseUrl: 'sqlite::memory:',
    secretKey: SECRET_KEY,
    logLevel: 'silent',
    registrationMinTime: '0s',
  });
  const app = new Hono();
  app.get('/reports', latchkey.loginRequired, (context) => {
    context.header('cache-control', 'private, max-age=600');
    return context.html('<p>Only for users</p>');
  });
  app.all('*', ({ req, env }) => latchkey.fetch(req.raw, env));
  const server = serve({ fetch: app.fetch, port, hostname: 'localhost' });
  return {
    origin: `http://localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      await latchkey.close();
    },
  };
}

describe('signing out of an application', () => {
  it('P05 P11: hides its pages from the back button, and leaves its storage alone', async () => {
    await using application = await startApplication();
    await using window = await openWindow(await sharedBrowser(), application.origin);
    const { page } = window;
    const send = async (path: string) => {
      await page.goto(path);
      await page.locator('#username').fill(ADA.username);
      await page.locator('#password').fill(ADA.password);
      await page.locator('main button[type=submit]').first().click();
      await page.waitForLoadState();
    };
    await send('/register');
    await send('/login?next=%2Freports');
    assert.match(await page.content(), /Only for users/);
    await page.evaluate("localStorage.setItem('draft', 'half a letter')");
    await page.goto('/dashboard');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login');
    assert.equal(await page.evaluate("localStorage.getItem('draft')"), 'half a letter');
    await page.goto('/reports');
    assert.match(page.url(), /\/login\?next=%2Freports$/, 'opened again');
    for (let step = 0; step < 3; step += 1) {
      await page.goBack();
      assert.doesNotMatch(await page.content(), /Only for users/, 'by the back button');
    }
  });
});
