import { type IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { getRequestListener } from '@hono/node-server';
import type { System } from '../latchkey.ts';
import { type FixedAnswers, fixedAnswersOf } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import type { ServerLimits } from './limits.ts';
import { faultOfHead } from './request-head.ts';

export type Incoming = IncomingMessage | Http2ServerRequest;
export type Outgoing = ServerResponse | Http2ServerResponse;

type Http1Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;
type Http2Listener = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void;
type Listener = (incoming: Incoming, outgoing: Outgoing) => void;

/** Lets the system answer each request of HTTP/1.1 whose head is in order. */
export function http1Listener(system: System, connections: Connections, limits: ServerLimits): Http1Listener {
  const fixed = fixedAnswersOf(system);
  const answer = getRequestListener(system.handle, { errorHandler: () => unreadable(system) });
  return (incoming, outgoing) => {
    if (!connections.use(incoming.socket, outgoing)) return void incoming.destroy();
    const fault = faultOfHead(incoming, limits);
    if (fault === null) answer(incoming, outgoing);
    else refuse(incoming, outgoing, fault, fixed);
  };
}

/** The same for requests that come by HTTP/1.1 or by HTTP/2. */
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
  const fixed = fixedAnswersOf(system);
  const answer = getRequestListener(
    (request, { incoming }) => system.handle(request, connectionOf(incoming)),
    {
      errorHandler: () => unreadable(system),
    },
  );
  return (incoming, outgoing) => {
    const fault = faultOfHead(incoming, limits);
    if (fault === null) answer(incoming, outgoing);
    else refuse(incoming, outgoing, fault, fixed);
  };
}

// Once the session has ended its socket cannot be asked any more.
function connectionOf(incoming: Incoming): object {
  const socket = incoming instanceof Http2ServerRequest ? incoming.stream.session?.socket : incoming.socket;
  return { incoming: { socket: { remoteAddress: socket?.remoteAddress } } };
}

// An address that is none, or no `Host`.
function unreadable({ answers, errors }: System): Response {
  return answers.html(400, errors.page(400));
}

/** Refuses a request for its head alone, with the headers of every other answer. */
export function refuse(
  incoming: Incoming,
  outgoing: Outgoing,
  status: 400 | 417 | 431,
  fixed: FixedAnswers,
): void {
  const { headers, body } = fixed(status);
  // HTTP/2 has no `Connection` (RFC 9113 §8.2.2), and there one bad request says nothing of the others.
  if (outgoing instanceof ServerResponse) outgoing.writeHead(status, { ...headers, connection: 'close' });
  else outgoing.writeHead(status, headers);
  outgoing.end(incoming.method === 'HEAD' ? '' : body);
}
