import { type IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest } from 'node:http2';
import { healthPaths, type System } from '../latchkey.ts';
import { type FixedHeaders, NO_PAGE } from '../platform/web/index.ts';
import type { Incoming, Outgoing } from './messages.ts';

const PATHS: readonly string[] = Object.values(healthPaths);

type Line = Pick<Incoming, 'method' | 'url'>;

/**
 * The path of a request that load balancers send, perhaps in HTTP/1.0, without `Host` or with that of an address; null for
 * all others.
 */
export function healthPathOf({ method, url = '' }: Line): string | null {
  if (method !== 'GET' && method !== 'HEAD') return null;
  const [, path] = /^(?:https?:\/\/[^/?#]*)?(\/[a-z]+)(?:\?[!-~]*)?$/i.exec(url) ?? [];
  return path !== undefined && PATHS.includes(path) ? path : null;
}

/**
 * Gives a request to a health path the host of the site, whatever it names: a load balancer names an address, none, or a
 * name of its own.
 */
export function nameOwnHost(incoming: Incoming, path: string, { core }: System): void {
  const { host } = core.settings.baseUrl;
  const isHttp2 = incoming instanceof Http2ServerRequest;
  incoming.headers[isHttp2 ? ':authority' : 'host'] = host;
  incoming.url = path;
}

/**
 * Whether a request asks only what the server supports, which `option httpchk` of HAProxy sends by default:
 * `OPTIONS / HTTP/1.0`.
 */
export function asksForOptions({ method, url }: Line): boolean {
  return method === 'OPTIONS' && (url === '/' || url === '*' || PATHS.includes(url ?? ''));
}

/** Answers that the server is alive, and nothing else (RFC 9110 §9.3.7). */
export function answerOptions(outgoing: Outgoing, headers: FixedHeaders): void {
  const { 'content-length': _, ...others } = headers;
  const answer = { ...others, ...NO_PAGE, allow: 'GET, HEAD' };
  if (outgoing instanceof ServerResponse) outgoing.writeHead(204, answer);
  else outgoing.writeHead(204, answer);
  outgoing.end();
}

/** Answers a health check with what the system says, for a server that passes no other request to it. */
export function answerHealth(
  { core, handle }: System,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  headers: FixedHeaders,
): void {
  const request = new Request(new URL(path, core.settings.baseUrl));
  const { remoteAddress } = incoming.socket;
  const respond = async () => {
    const response = await handle(request, { incoming: { socket: { remoteAddress } } });
    const { status } = response;
    const body = await response.text();
    const length = { 'content-length': `${Buffer.byteLength(body)}` };
    outgoing.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', ...length });
    outgoing.end(incoming.method === 'HEAD' ? '' : body);
  };
  respond().catch(() => outgoing.destroy());
}
