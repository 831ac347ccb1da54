import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { SecureVersion } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { makeAuthority } from './certificates.ts';
import { freePort } from './free-port.ts';
import { startSystem, type TestOptions, type TestSystem } from './system.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A system on https, behind a front that ends TLS and takes no other host, as a good deployment has it. */
export type HttpsServer = AsyncDisposable & {
  readonly system: TestSystem;
  readonly origin: string;
  /** The file with the certificate of the authority that vouches for it. */
  readonly authorityFile: string;
};

/** Options are those of `createLatchkey`; the address is `https://localhost` and a free port. */
export async function startHttpsServer(options: TestOptions = {}): Promise<HttpsServer> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const authority = makeAuthority(folder.path, 'authority');
  const { certificate, key } = authority.vouchFor('localhost');
  const port = await freePort();
  const host = `localhost:${port}`;
  const origin = `https://${host}`;
  const system = stack.use(await startSystem({ baseUrl: origin, ...options }));
  const listener = getRequestListener(system.system.handle);
  const minVersion: SecureVersion = 'TLSv1.2';
  const server = createServer({ cert: certificate, key, minVersion }, (incoming, outgoing) => {
    if (incoming.headers.host === host) listener(incoming, outgoing);
    else outgoing.writeHead(421, { ...system.system.answers.security, 'cache-control': 'no-store' }).end();
  });
  stack.defer(() => closed(server));
  await once(server.listen(port, 'localhost'), 'listening');
  const kept = stack.move();
  return { system, origin, authorityFile: authority.file, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
