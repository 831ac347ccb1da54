import { openSite, type SiteOptions, tlsOf } from '../../src/server/site.ts';
import { freePort } from './free-port.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';

/** A system behind the real server, on a port of this machine. */
export type HttpServer = AsyncDisposable & { readonly system: TestSystem; readonly port: number };

export async function startHttpServer(
  options: TestOptions = {},
  siteOptions: SiteOptions = {},
): Promise<HttpServer> {
  const port = Number(options['port'] ?? (await freePort()));
  const system = await startSystem({ port, host: '127.0.0.1', ...options });
  const site = await openSite(system.system, tlsOf(system.system.core.settings), siteOptions);
  return {
    system,
    port,
    [Symbol.asyncDispose]: async () => {
      await site.close();
      await system[Symbol.asyncDispose]();
    },
  };
}
