import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createTestLatchkey } from '../../src/testing/index.ts';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { freePort } from '../kit/temporary.ts';

/** An application with a guarded page that browsers may store for ten minutes. */
async function startApplication() {
  const port = await freePort();
  const auth = createTestLatchkey({ port });
  const { latchkey } = auth;
  const app = new Hono();
  app.get('/reports', latchkey.loginRequired, (context) => {
    context.header('cache-control', 'private, max-age=600');
    return context.html('<p>Only for users</p>');
  });
  app.all('*', ({ req, env }) => latchkey.fetch(req.raw, env));
  const server = serve({ fetch: app.fetch, port, hostname: 'localhost' });
  return {
    auth,
    origin: `http://localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
    },
  };
}

describe('signing out of an application', () => {
  it('P05 P11: hides its pages from the back button, and leaves its storage alone', async () => {
    await using application = await startApplication();
    await using window = await openWindow(await sharedBrowser(), application.origin);
    const { page } = window;
    const { cookies } = await application.auth.user();
    await page.context().addCookies(cookies);
    await page.goto('/reports');
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
