import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { MINUTE, SECOND } from '../core/clock.ts';
import type { System } from '../latchkey.ts';
import { answerBrokenRequest, brokenRequestHeaders, statusOfClientError } from './broken-requests.ts';

/** The most that a request may bring before its body, and how long it may take. Times are in milliseconds. */
const REQUEST_LIMITS = {
  headerBytes: 16 * 1024,
  headers: 100,
  headersTime: 15 * SECOND,
  requestTime: 30 * SECOND,
  // Longer than the minute for which most proxies keep a connection, so that none is closed as it is used again.
  keepAliveTime: 65 * SECOND,
  // A client that takes no answers may hold what was made for it only so long.
  silenceTime: 2 * MINUTE,
} as const;

/** A server of Node's that answers with the system, and bounds what a client may take of it (A55). */
export function createNodeServer({ handle, answers }: System): Server {
  const listener = getRequestListener(handle, { errorHandler: () => answers.problem(400) });
  const security = brokenRequestHeaders(answers.security);
  const server = createServer(
    {
      maxHeaderSize: REQUEST_LIMITS.headerBytes,
      headersTimeout: REQUEST_LIMITS.headersTime,
      requestTimeout: REQUEST_LIMITS.requestTime,
      keepAliveTimeout: REQUEST_LIMITS.keepAliveTime,
      connectionsCheckingInterval: 5 * SECOND,
      // Refused further on, where the answer gets the same headers as every other.
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      if (hasTooManyHeaders(incoming)) refuse(outgoing, 431, security);
      else if (hasSeveralHosts(incoming)) refuse(outgoing, 400, security);
      else listener(incoming, outgoing);
    },
  );
  // Node would drop what is beyond its own limit and go on, as if it had not been there.
  server.maxHeadersCount = 0;
  server.timeout = REQUEST_LIMITS.silenceTime;
  // Asked for once, the address is kept: a client that is gone when it is logged cannot take it along.
  server.on('connection', (socket) => void socket.remoteAddress);
  server.on('checkExpectation', (_, outgoing) => refuse(outgoing, 417, security));
  server.on('clientError', (error, socket) =>
    answerBrokenRequest(socket, statusOfClientError(error), security),
  );
  return server;
}

function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length / 2 > REQUEST_LIMITS.headers;
}

// RFC 9112 §3.2: which of them another program on the way believed, nobody knows (A28).
function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  const isHost = (text: string, position: number) => position % 2 === 0 && text.toLowerCase() === 'host';
  return rawHeaders.filter(isHost).length > 1;
}

function refuse(
  outgoing: ServerResponse,
  status: 400 | 417 | 431,
  security: Readonly<Record<string, string>>,
): void {
  outgoing.writeHead(status, { ...security, connection: 'close' });
  outgoing.end();
}
