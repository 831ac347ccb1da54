import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of this machine that is free at this moment on every loopback address. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await portOn('127.0.0.1', 0);
    if (port !== null && (await portOn('::1', port)) !== null) return port;
  }
}

/**
 * Listens for a moment; null if another process listens there. A machine without the address has no listener either.
 */
async function portOn(host: string, port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    return isTaken ? null : port;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
