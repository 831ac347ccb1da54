import type { ClientRequest, IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ProxyServer } from './proxies.ts';
import { OutboundRefused } from './refused.ts';

/** Where a tunnel leads. */
export type TunnelEnd = { readonly host: string; readonly port: number };

const AUTHENTICATION_REQUIRED = 407;

/**
 * Connects to a server through a proxy, with TLS: the proxy sees the name and the amount of what passes, and nothing else.
 * @throws {OutboundRefused} if the proxy cannot be reached, or does not connect
 * @see RFC 9110 §9.3.6
 */
export async function connectThrough(
  proxy: ProxyServer,
  { host, port }: TunnelEnd,
  signal: AbortSignal | undefined,
): Promise<TLSSocket> {
  const socket = await askProxy(proxy, `${isIP(host) === 6 ? `[${host}]` : host}:${port}`, signal);
  const { connect } = await import('node:tls');
  // RFC 6066 §3: an IP address is not sent as a server name.
  return connect({
    socket,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ALPNProtocols: ['http/1.1'],
  });
}

async function askProxy(
  proxy: ProxyServer,
  authority: string,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const { request } = await (proxy.isSecure ? import('node:https') : import('node:http'));
  const asking = request({
    method: 'CONNECT',
    host: proxy.host,
    port: proxy.port,
    path: authority,
    headers: { host: authority, 'user-agent': 'Latchkey', ...proxyAuthorization(proxy) },
    agent: false,
    ...(signal !== undefined && { signal }),
  });
  const { answer, socket, early } = await connected(asking, signal);
  const refusal = refusalOf(answer.statusCode ?? 0);
  // A server speaks after us; what comes before that would be the proxy's.
  if (refusal === null && early.length === 0) return socket;
  socket.on('error', () => {}).destroy();
  throw refusal ?? new OutboundRefused('proxy-failed');
}

type Connected = { readonly answer: IncomingMessage; readonly socket: Socket; readonly early: Buffer };

function connected(asking: ClientRequest, signal: AbortSignal | undefined): Promise<Connected> {
  return new Promise((resolve, reject) => {
    asking
      .once('connect', (answer, socket, early) => resolve({ answer, socket, early }))
      .on('error', (cause) =>
        reject(signal?.aborted === true ? cause : new OutboundRefused('proxy-unreachable', { cause })),
      )
      .end();
  });
}

/** The header with which the user of a proxy is given to it. */
export function proxyAuthorization({ authorization }: ProxyServer): Readonly<Record<string, string>> {
  return authorization === null ? {} : { 'proxy-authorization': authorization };
}

/** What the status of a proxy's answer means; null if it did as it was asked. */
function refusalOf(status: number): OutboundRefused | null {
  if (status >= 200 && status < 300) return null;
  if (status === AUTHENTICATION_REQUIRED) return new OutboundRefused('proxy-authentication-required');
  // The proxy may not, or tried and could not.
  return new OutboundRefused(status < 500 ? 'proxy-refused' : 'proxy-failed');
}
