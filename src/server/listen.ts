import { once } from 'node:events';
import type { Server } from 'node:net';

/** Thrown when the server cannot listen; its message is one line that says what to do. */
export class ListenError extends Error {
  override name = 'ListenError';
  /** Whether a setting is wrong, so that another start would fail as this one did. */
  readonly isOfSetting: boolean;
  constructor(message: string, options: ErrorOptions & { readonly isOfSetting: boolean }) {
    super(message, options);
    this.isOfSetting = options.isOfSetting;
  }
}

/** A port to listen on, and its setting. */
export type Port = {
  readonly setting: 'PORT' | 'TLS_REDIRECT_PORT' | 'METRICS_PORT';
  readonly number: number;
};

/**
 * Makes a server listen on each address. If the machine lacks one of IPv4 and IPv6, the other is enough.
 * @throws {ListenError} when a port is taken or may not be used
 */
export async function listen<AnyServer extends Server>(
  makeServer: () => AnyServer,
  hosts: readonly [string, ...string[]],
  port: Port,
): Promise<readonly AnyServer[]> {
  const servers: AnyServer[] = [];
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

async function listenOn<AnyServer extends Server>(
  server: AnyServer,
  host: string,
  port: Port,
  isExtra: boolean,
): Promise<AnyServer | null> {
  try {
    server.listen({ host, port: port.number });
    await once(server, 'listening');
    return server;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const isFamilyMissing = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
    if (isFamilyMissing && isExtra) return null;
    if (isFamilyMissing && host === ALL_ADDRESSES) return listenOn(server, ALL_OF_IPV4, port, false);
    throw new ListenError(explain(code, host, port), {
      cause: error,
      isOfSetting: OF_SETTING.includes(code),
    });
  }
}

/** A port in use may become free, and a resolver may answer later. */
const OF_SETTING: readonly string[] = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAFNOSUPPORT', 'EINVAL', 'EACCES'];

function explain(code: string, host: string, { setting, number }: Port): string {
  const hostSetting = setting === 'METRICS_PORT' ? 'METRICS_HOST' : 'HOST';
  switch (code) {
    case 'EADDRINUSE':
      return `${setting}: ${number} is already in use on ${host}; stop the program that uses it, or set ${setting} to another`;
    case 'EACCES':
      return `${setting}: this user may not listen on ${number}; set ${setting} to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${hostSetting}: ${host} is no address of this machine; set ${hostSetting} to one of its own, or LATCHKEY_${hostSetting}, which is read first`;
    default:
      return `${setting}: cannot listen on ${host}, port ${number} (${code})`;
  }
}
