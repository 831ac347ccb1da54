import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { SECOND } from '../core/clock.ts';
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
    },
    (incoming, outgoing) => {
      if (hasTooManyHeaders(incoming)) refuseHeaders(outgoing, security);
      else listener(incoming, outgoing);
    },
  );
  // Node would drop what is beyond its own limit and go on, as if it had not been there.
  server.maxHeadersCount = 0;
  server.on('clientError', (error, socket) =>
    answerBrokenRequest(socket, statusOfClientError(error), security),
  );
  return server;
}

function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length / 2 > REQUEST_LIMITS.headers;
}

function refuseHeaders(outgoing: ServerResponse, security: Readonly<Record<string, string>>): void {
  outgoing.writeHead(431, { ...security, connection: 'close' });
  outgoing.end();
}
