import { type IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { getRequestListener } from '@hono/node-server';
import type { System } from '../latchkey.ts';
import { type FixedAnswers, fixedAnswersOf } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import { answerOptions, asksForOptions, healthPathOf, nameOwnHost } from './health-checks.ts';
import type { ServerLimits } from './limits.ts';
import type { Incoming, Outgoing } from './messages.ts';

type Http1Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;
type Http2Listener = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void;
type Listener = (incoming: Incoming, outgoing: Outgoing) => void;

/** Passes each HTTP/1.1 request with an acceptable head to the system. */
export function http1Listener(system: System, connections: Connections, limits: ServerLimits): Http1Listener {
  const isFit = createCheck(system, limits);
  const answer = getRequestListener(system.handle, { errorHandler: () => unreadable(system) });
  return (incoming, outgoing) => {
    if (!connections.use(incoming.socket, outgoing)) return void incoming.destroy();
    if (isFit(incoming, outgoing)) answer(incoming, outgoing);
  };
}

/** The same for HTTP/1.1 and HTTP/2. */
export function listenerForBoth(system: System, connections: Connections, limits: ServerLimits): Listener {
  const overHttp1 = http1Listener(system, connections, limits);
  const overHttp2 = http2Listener(system, limits);
  return (incoming, outgoing) => {
    if (outgoing instanceof ServerResponse) {
      if (!(incoming instanceof Http2ServerRequest)) overHttp1(incoming, outgoing);
    } else if (incoming instanceof Http2ServerRequest) overHttp2(incoming, outgoing);
  };
}

function http2Listener(system: System, limits: ServerLimits): Http2Listener {
  const isFit = createCheck(system, limits);
  const answer = getRequestListener(
    (request, { incoming }) => system.handle(request, connectionOf(incoming)),
    {
      errorHandler: () => unreadable(system),
    },
  );
  return (incoming, outgoing) => {
    if (isFit(incoming, outgoing)) answer(incoming, outgoing);
  };
}

/** Whether a request can be passed to the system. Answers all others, and gives health checks the host of the site. */
function createCheck(
  system: System,
  limits: ServerLimits,
): (incoming: Incoming, outgoing: Outgoing) => boolean {
  const fixed = fixedAnswersOf(system);
  return (incoming, outgoing) => {
    const healthPath = healthPathOf(incoming);
    const status = checkHead(incoming, limits, healthPath !== null);
    if (status !== null) refuse(incoming, outgoing, status, fixed);
    else if (asksForOptions(incoming)) answerOptions(outgoing, fixed(204).headers);
    else {
      if (healthPath !== null) nameOwnHost(incoming, healthPath, system);
      return true;
    }
    return false;
  };
}

// The socket of a session that has ended cannot be read.
function connectionOf(incoming: Incoming): object {
  const socket = incoming instanceof Http2ServerRequest ? incoming.stream.session?.socket : incoming.socket;
  return { incoming: { socket: { remoteAddress: socket?.remoteAddress } } };
}

// The URL is invalid, or `Host` is missing.
function unreadable({ core: { answers }, errors }: System): Response {
  return answers.html(400, errors.page(400));
}

/** Refuses a request because of its head, with the headers of every other response. */
export function refuse(
  incoming: Incoming,
  outgoing: Outgoing,
  status: 400 | 417 | 431,
  fixed: FixedAnswers,
): void {
  const { headers, body } = fixed(status);
  // HTTP/2 has no `Connection` (RFC 9113 §8.2.2), and its other requests need not be bad too.
  if (outgoing instanceof ServerResponse) outgoing.writeHead(status, { ...headers, connection: 'close' });
  else outgoing.writeHead(status, headers);
  outgoing.end(incoming.method === 'HEAD' ? '' : body);
}

type Head = Pick<Incoming, 'rawHeaders' | 'url'>;

/**
 * The status with which to refuse a request because of its head; null if the head is acceptable.
 * @param mayNameAny whether it may name any host, or on HTTP/1 two different ones in the request line and in `Host`
 */
function checkHead(incoming: Head, limits: ServerLimits, mayNameAny: boolean): 400 | 431 | null {
  const { rawHeaders } = incoming;
  if (rawHeaders.length / 2 > limits.headers) return 431;
  if (incoming instanceof Http2ServerRequest && listSize(rawHeaders) > limits.headerBytes) return 431;
  let host: string | undefined;
  // A loop, because every request runs it.
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const name = rawHeaders[position];
    if (name?.length !== 4 || name.toLowerCase() !== 'host') continue;
    // RFC 9112 §3.2: a proxy may have used either of two hosts (A28).
    if (host !== undefined) return 400;
    host = rawHeaders[position + 1];
  }
  // RFC 9113 §8.3.1: two hosts are malformed in HTTP/2, which no health check of before HTTP/1.1 speaks.
  const mayDiffer = mayNameAny && !(incoming instanceof Http2ServerRequest);
  if (!mayDiffer && namesOtherHost(incoming, host)) return 400;
  return isRewrittenByParsing(incoming.url) ? 400 : null;
}

/** RFC 9113 §6.5.2. Node.js announces this limit on HTTP/2 but does not enforce it; on HTTP/1.1 its parser does. */
function listSize(rawHeaders: readonly string[]): number {
  let size = 16 * rawHeaders.length;
  for (const text of rawHeaders) size += text.length;
  return size;
}

// URL parsing removes these, while a proxy that counts or refuses by path may have kept them: `/x/../login` (A08).
// No browser sends any of them.
const REMOVED_BY_PARSING = /^[^?]*(?:[#\\]|\/(?:\.|%2e){1,2}(?:[/?]|$))/i;

function isRewrittenByParsing(target: string | undefined): boolean {
  return target !== undefined && REMOVED_BY_PARSING.test(target);
}

/** Whether the request line or `:authority` names another host than the `Host` header. */
function namesOtherHost(incoming: Head, host: string | undefined): boolean {
  if (host === undefined) return false;
  if (incoming instanceof Http2ServerRequest) return !isSameHost(incoming.headers[':authority'], host);
  // RFC 9112 §3.2.2: servers accept the absolute form, which clients send to proxies.
  if (incoming.url === undefined || incoming.url.startsWith('/')) return false;
  const target = URL.parse(incoming.url);
  return target !== null && target.host !== '' && !isSameHost(target.host, host);
}

function isSameHost(one: string | undefined, other: string): boolean {
  return one === undefined || one.toLowerCase() === other.toLowerCase();
}
