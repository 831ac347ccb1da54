import { once } from 'node:events';
import type { Server } from 'node:http';

/** Thrown when the server cannot listen; its message is one line that says what to do. */
export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

/**
 * Makes a server listen on each address. Where a machine lacks one of two loopback families, the other will do.
 * @throws {ListenError} when a port is taken or may not be used
 */
export async function listen(
  makeServer: () => Server,
  hosts: readonly [string, ...string[]],
  port: number,
): Promise<readonly Server[]> {
  const servers: Server[] = [];
  try {
    for (const host of hosts) {
      const server = await listenOn(makeServer(), host, port, servers.length > 0);
      if (server !== null) servers.push(server);
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  return servers;
}

const ALL_ADDRESSES = '::';
const ALL_OF_IPV4 = '0.0.0.0';

async function listenOn(
  server: Server,
  host: string,
  port: number,
  isExtra: boolean,
): Promise<Server | null> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    return server;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const isFamilyMissing = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
    if (isFamilyMissing && isExtra) return null;
    if (isFamilyMissing && host === ALL_ADDRESSES) return listenOn(server, ALL_OF_IPV4, port, false);
    throw new ListenError(explain(code, host, port), { cause: error });
  }
}

function explain(code: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT: ${port} is already in use on ${host}; stop the program that uses it, or set PORT to another`;
    case 'EACCES':
      return `PORT: this user may not listen on ${port}; set PORT to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST: ${host} is no address of this machine; set HOST to one of its own`;
    default:
      return `PORT: cannot listen on ${host}, port ${port} (${code})`;
  }
}
