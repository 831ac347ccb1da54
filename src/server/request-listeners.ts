import { type IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { getRequestListener } from '@hono/node-server';
import type { FixedHeaders } from '../core/http/headers.ts';
import type { System } from '../latchkey.ts';
import { brokenRequestHeaders } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import type { ServerLimits } from './limits.ts';
import { faultOfHead } from './request-head.ts';

export type Outgoing = ServerResponse | Http2ServerResponse;

type Http1Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;
type Http2Listener = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void;
type Listener = (incoming: IncomingMessage | Http2ServerRequest, outgoing: Outgoing) => void;

/** Lets the system answer each request of HTTP/1.1 whose head is in order. */
export function http1Listener(system: System, connections: Connections, limits: ServerLimits): Http1Listener {
  const { handle, answers } = system;
  const security = brokenRequestHeaders(answers.security);
  const answer = getRequestListener(handle, { errorHandler: () => answers.problem(400) });
  return (incoming, outgoing) => {
    if (!connections.use(incoming.socket, outgoing)) return void incoming.destroy();
    const fault = faultOfHead(incoming, limits);
    if (fault === null) answer(incoming, outgoing);
    else refuse(outgoing, fault, security);
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

function http2Listener({ handle, answers }: System, limits: ServerLimits): Http2Listener {
  const security = brokenRequestHeaders(answers.security);
  const answer = getRequestListener((request, { incoming }) => handle(request, connectionOf(incoming)), {
    errorHandler: () => answers.problem(400),
  });
  return (incoming, outgoing) => {
    const fault = faultOfHead(incoming, limits);
    if (fault === null) answer(incoming, outgoing);
    else refuse(outgoing, fault, security);
  };
}

// Once the session has ended its socket cannot be asked any more.
function connectionOf(incoming: IncomingMessage | Http2ServerRequest): object {
  const socket = incoming instanceof Http2ServerRequest ? incoming.stream.session?.socket : incoming.socket;
  return { incoming: { socket: { remoteAddress: socket?.remoteAddress } } };
}

/** Refuses a request for its head alone, with the headers of every other answer. */
export function refuse(outgoing: Outgoing, status: 400 | 417 | 431, security: FixedHeaders): void {
  // HTTP/2 has no `Connection` (RFC 9113 §8.2.2), and there one bad request says nothing of the others.
  if (outgoing instanceof ServerResponse) outgoing.writeHead(status, { ...security, connection: 'close' });
  else outgoing.writeHead(status, security);
  outgoing.end();
}
