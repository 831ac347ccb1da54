import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { errorPage } from '../../src/core/pages/error-page.ts';
import { loadAssets, siteFor } from '../../src/core/pages/stylesheet.ts';
import type { ProblemStatus } from '../../src/core/problems.ts';
import { freePort } from './free-port.ts';
import { startSystem } from './system.ts';

/** Every status that a person can meet as a page. */
export const ERROR_STATUSES: readonly ProblemStatus[] = [
  400, 403, 404, 405, 413, 414, 415, 429, 431, 500, 503,
];

/** Serves every error page under its number, also those that no address leads to, beside the real files. */
export async function startErrorPages(): Promise<AsyncDisposable & { readonly origin: string }> {
  const port = await freePort();
  const system = await startSystem({ port });
  const { accentColor, siteName } = system.system.core.settings;
  const site = siteFor(siteName, loadAssets(accentColor));
  const answer = async (request: Request) => {
    const status = ERROR_STATUSES.find((known) => new URL(request.url).pathname === `/${known}`);
    if (status === undefined) return system.fetch(request);
    const details = {
      ...(status === 500 && { requestId: '019b796d-d600-7dc2-8e46-526b56dc95a3' }),
      ...((status === 429 || status === 503) && { retryAfterSeconds: 120 }),
    };
    const page = String(await errorPage(site, status, details));
    return system.system.answers.html(200, page);
  };
  const server = createServer(getRequestListener(answer));
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return {
    origin: `http://localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await system[Symbol.asyncDispose]();
    },
  };
}
