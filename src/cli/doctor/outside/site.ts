import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { type Answer, ask, PATIENCE, type Request, type Target } from './ask.ts';

/** A deployment as strangers see it. */
export type Site = Target & {
  readonly origin: string;
  /** The host as a `Host` header names it. */
  readonly host: string;
  /** Where plain http might be answered, too; null where the port tells nothing of that. */
  readonly plainPort: number | null;
  /** Whether it is for this very machine alone. */
  readonly isLoopback: boolean;
  /** In PEM: who may vouch for it. */
  readonly authorities: readonly string[];
  readonly ask: (request: Request) => Promise<Answer>;
};

const HTTPS_PORT = 443;
const HTTP_PORT = 80;

export function siteAt(
  url: URL,
  authorities: readonly string[],
  plainPort: number | null = plainPortOf(url),
): Site {
  const isSecure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const target = { isSecure, hostname, port: portOf(url) };
  return {
    ...target,
    origin: url.origin,
    host: url.host,
    plainPort,
    isLoopback: /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1)$/.test(hostname),
    authorities,
    ask: (request) => ask(target, request),
  };
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? HTTPS_PORT : HTTP_PORT;
}

function plainPortOf(url: URL): number | null {
  return url.protocol === 'https:' && url.port === '' ? HTTP_PORT : null;
}

/** The name that TLS asks for; a number is none (RFC 6066 §3). */
export function serverName({ hostname }: Target): { servername?: string } {
  return isIP(hostname) === 0 ? { servername: hostname } : {};
}

/** Whether anything takes connections there, whatever it then speaks. */
export async function isListening({ hostname: host, port }: Target): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}
