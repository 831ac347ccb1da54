import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { SECOND } from '../../platform/runtime/index.ts';

const TIMEOUT = 5 * SECOND;
const MAX_BYTES = 64 * 1024;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/** A response: its first 64 KB, and each header as it was sent. */
export type Answer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

type Request = { readonly path: string; readonly headers?: Readonly<Record<string, string>> };

type Target = { readonly isSecure: boolean; readonly hostname: string; readonly port: number };

/** What a deployment was set to that a client sees. */
export type SiteSettings = {
  readonly basePath: string;
  readonly cookiePrefix: string;
  readonly trustedOrigins: readonly string[];
};

const DEFAULTS: SiteSettings = { basePath: '', cookiePrefix: 'latchkey', trustedOrigins: [] };

/** A deployment as a client on the network sees it. */
export type Site = Target & {
  readonly settings: SiteSettings;
  /** The path of a page of ours, below `basePath`. */
  readonly page: (path: string) => string;
  readonly origin: string;
  /** The port where plain HTTP may be served too; null if `origin` has a port of its own. */
  readonly plainPort: number | null;
  readonly isLoopback: boolean;
  /** Certificates of the trusted authorities, in PEM. */
  readonly authorities: readonly string[];
  readonly get: (request: Request) => Promise<Answer>;
};

export function siteAt(
  { protocol, origin, port, hostname: host }: URL,
  authorities: readonly string[],
  plainPort: number | null = protocol === 'https:' && port === '' ? HTTP_PORT : null,
  settings: SiteSettings = DEFAULTS,
): Site {
  const isSecure = protocol === 'https:';
  const hostname = host.replace(/^\[|\]$/g, '');
  const target = { isSecure, hostname, port: Number(port) || (isSecure ? HTTPS_PORT : HTTP_PORT) };
  return {
    ...target,
    settings,
    page: (path) => settings.basePath + path,
    origin,
    plainPort,
    isLoopback: /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1)$/.test(hostname),
    authorities,
    get: (request) => get(target, request),
  };
}

/**
 * Sends a GET request. It follows no redirect, stores no cookie and accepts any certificate: the certificate has a
 * check of its own, and the request contains no secret.
 * @param timeout in milliseconds
 * @throws {Error} when the response is not complete in time
 */
export async function get(
  { isSecure, hostname, port }: Target,
  { path, headers = {} }: Request,
  timeout: number = TIMEOUT,
): Promise<Answer> {
  const options = {
    host: hostname,
    port,
    path,
    headers: { accept: 'text/html', ...headers },
    agent: false,
    signal: AbortSignal.timeout(timeout),
  };
  const outgoing = isSecure ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).on('error', reject).end();
  });
  const { rawHeaders, statusCode = 0 } = incoming;
  const names = rawHeaders.filter((_, position) => position % 2 === 0);
  return {
    status: statusCode,
    headers: names.map((name, position) => [name.toLowerCase(), rawHeaders[2 * position + 1] ?? '']),
    body: await readBody(incoming),
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early closes the connection.
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    chunks.push(part);
    bytes += part.length;
    if (bytes >= MAX_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_BYTES);
}

/** Every value of a header, in order. */
export function valuesOf({ headers }: Answer, name: string): readonly string[] {
  return headers.flatMap(([other, value]) => (other === name ? [value] : []));
}

/** Whether the port accepts connections, whatever protocol it speaks. */
export async function isListening({ hostname: host, port }: Target): Promise<boolean> {
  return (await whenConnected(connect({ host, port }), 'connect', () => true)) !== null;
}

/**
 * Completes a TLS handshake with any certificate.
 * @returns what `read` returns for the connection, or null if the handshake fails
 */
export function handshake<Value>(
  { hostname: host, port }: Target,
  options: ConnectionOptions,
  read: (socket: TLSSocket) => Value,
): Promise<Value | null> {
  // RFC 6066 §3: an IP address is not sent as a server name.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = connectTls({ host, port, ...servername, rejectUnauthorized: false, ...options });
  return whenConnected(socket, 'secureConnect', () => read(socket));
}

async function whenConnected<Value>(socket: Socket, event: string, read: () => Value): Promise<Value | null> {
  try {
    await once(socket, event, { signal: AbortSignal.timeout(TIMEOUT) });
    return read();
  } catch {
    return null;
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}
