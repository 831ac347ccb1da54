import { listen } from '../../src/server/listen.ts';
import { createNodeServer } from '../../src/server/node-server.ts';
import { closeServers } from '../../src/server/shutdown.ts';
import { freePort } from './free-port.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';

/** A system behind the real server, on a port of this machine. */
export type HttpServer = AsyncDisposable & { readonly system: TestSystem; readonly port: number };

export async function startHttpServer(options: TestOptions = {}): Promise<HttpServer> {
  const port = await freePort();
  const system = await startSystem({ port, ...options });
  const servers = await listen(() => createNodeServer(system.system), ['127.0.0.1'], port);
  return {
    system,
    port,
    [Symbol.asyncDispose]: async () => {
      await closeServers(servers);
      await system[Symbol.asyncDispose]();
    },
  };
}
