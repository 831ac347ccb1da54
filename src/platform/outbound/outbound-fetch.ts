import { lookup } from 'node:dns';
import { once } from 'node:events';
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { SECOND } from '../runtime/index.ts';
import { isPublicAddress } from '../web/index.ts';
import { decoded } from './content-encodings.ts';
import { createRefuseInside, type Resolve } from './inside.ts';
import { bareHost, type Proxies, type ProxyServer, portOf, proxyFor } from './proxies.ts';
import { OutboundRefused } from './refused.ts';
import { connectThrough, proxyAuthorization } from './tunnel.ts';

/** The documents of other services have a few thousand bytes. */
const MAX_BYTES = 256 * 1024;
/** How long a kept connection may wait for the next request. Servers close it after five seconds or more. */
const MAX_IDLE = 4 * SECOND;

export type OutboundOptions = {
  /** Whether addresses of private networks may be requested. */
  readonly isPrivateNetworkAllowed: boolean;
  readonly proxies: Proxies;
  /** The largest response. */
  readonly maxBytes?: number;
  /** Whether direct connections are used again. They are not if addresses are checked: a kept one is checked no more. */
  readonly keepsConnections?: boolean;
  readonly resolve?: Resolve;
};

export type OutboundRequest = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
};

export type OutboundFetch = (address: string, request: OutboundRequest) => Promise<Response>;

/**
 * Requests an address of another service, directly or through a proxy. Directly, resolved addresses are validated when the
 * connection is made, so that a second DNS response cannot differ (DNS rebinding); a proxy resolves for itself, so what is
 * known here is validated before. Redirects are not followed, and the response is limited in size (A26).
 */
export function createOutboundFetch({
  isPrivateNetworkAllowed,
  proxies,
  maxBytes = MAX_BYTES,
  keepsConnections = false,
  resolve,
}: OutboundOptions): OutboundFetch {
  const isAllowed = (address: string) => isPrivateNetworkAllowed || isPublicAddress(address);
  const guardedLookup = createGuardedLookup(resolve ?? lookup, isAllowed);
  const refuseInside = createRefuseInside(resolve);
  const agentFor = keepsConnections ? createAgents() : async () => false;
  return async (address, { method = 'GET', headers, body, signal }) => {
    const url = new URL(address);
    // Node.js resolves no literal address.
    if (isIP(bareHost(url)) !== 0 && !isAllowed(bareHost(url)))
      throw new OutboundRefused('address-not-public');
    const proxy = proxyFor(proxies, url);
    if (proxy !== null && !isPrivateNetworkAllowed) await refuseInside(bareHost(url));
    signal?.throwIfAborted();
    const common = {
      method,
      headers: { ...headers, 'user-agent': 'Latchkey' },
      ...(signal !== undefined && { signal }),
    };
    const outgoing =
      proxy === null
        ? await requestAt(url, { ...common, lookup: guardedLookup, agent: await agentFor(url) })
        : await requestThrough(proxy, url, common, signal);
    outgoing.end(sendable(body));
    const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
    if (incoming === undefined) throw new TypeError('a response without a message');
    return responseFrom(incoming, maxBytes);
  };
}

type Scheme = Pick<URL, 'protocol'>;

/** Imported when they are needed: both together take a tenth of the memory at the start. */
function moduleFor({ protocol }: Scheme): Promise<typeof import('node:http') | typeof import('node:https')> {
  return protocol === 'https:' ? import('node:https') : import('node:http');
}

async function requestAt(url: URL, options: RequestOptions): Promise<ClientRequest> {
  const { request } = await moduleFor(url);
  return request(url, options);
}

async function requestThrough(
  proxy: ProxyServer,
  url: URL,
  options: RequestOptions & { readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal | undefined,
): Promise<ClientRequest> {
  if (url.protocol === 'https:') {
    const end = { host: bareHost(url), port: portOf(url) };
    const socket = await connectThrough(proxy, end, signal);
    // Without an agent Node.js takes every port for one to be named in `Host`.
    return requestAt(url, { ...options, defaultPort: 443, createConnection: () => socket });
  }
  // RFC 9112 §3.2.2: a request in the clear is sent to the proxy as it is.
  const headers = { ...options.headers, host: url.host, ...proxyAuthorization(proxy) };
  const { request } = await moduleFor({ protocol: proxy.isSecure ? 'https:' : 'http:' });
  const { host, port } = proxy;
  return request({ ...options, host, port, path: url.href, headers, agent: false });
}

/** An agent of each scheme that keeps connections. */
function createAgents() {
  const agents = new Map<string, Agent>();
  return async ({ protocol }: Scheme): Promise<Agent> => {
    const { Agent } = await moduleFor({ protocol });
    const agent = agents.get(protocol) ?? new Agent({ keepAlive: true, timeout: MAX_IDLE });
    agents.set(protocol, agent);
    return agent;
  };
}

function createGuardedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const [first, ...more] = found.filter(({ address }) => isAllowed(address));
      if (first === undefined) return done(new OutboundRefused('address-not-public'), []);
      if (options.all === true) return done(null, [first, ...more]);
      done(null, first.address, first.family);
    });
  };
}

function sendable(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new OutboundRefused('body-not-sendable');
}

async function responseFrom(incoming: IncomingMessage, maxBytes: number): Promise<Response> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    bytes += part.byteLength;
    // Throwing in the loop destroys the connection.
    if (bytes > maxBytes) throw new OutboundRefused('answer-too-large');
    chunks.push(part);
  }
  const { statusCode: status = 502, headers } = incoming;
  const { 'content-encoding': encodings, 'content-length': _, ...others } = headers;
  const isBodiless = status === 204 || status === 205 || status === 304;
  const pairs = Object.entries(others).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const body = isBodiless ? null : await decoded(Buffer.concat(chunks), encodings, maxBytes);
  return new Response(body, { status, headers: pairs });
}
