import { createServer, type Server } from 'node:http';
import { NO_STORE, securityHeaders } from '../platform/web/headers.ts';
import { answerBrokenRequest, createFixedAnswers, statusOfClientError } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';

/** The longest address that is redirected, in characters; beyond it the site itself would refuse it, too. */
const LONGEST_ADDRESS = 8_000;

/**
 * A server of plain HTTP whose every answer is 308 to the site, at the same path, whatever the `Host` says (A28).
 * The connection ends with it: whoever came this way has nothing more to ask here.
 */
export function createRedirectServer(
  origin: string,
  connections: Connections,
  limits: ServerLimits = SERVER_LIMITS,
): Server {
  // Without HSTS, which browsers ignore on plain HTTP, and which has no business there (RFC 6797 §7.2).
  const security = securityHeaders(false);
  const headers = { ...security, ...NO_STORE, 'content-length': '0', connection: 'close' };
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTime,
      requestTimeout: limits.requestTime,
      connectionsCheckingInterval: limits.checkInterval,
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      if (!connections.use(incoming.socket, outgoing)) return void incoming.destroy();
      const path = pathOf(incoming.url ?? '');
      if (path === null) outgoing.writeHead(400, headers);
      else if (path.length > LONGEST_ADDRESS) outgoing.writeHead(414, headers);
      else outgoing.writeHead(308, { ...headers, location: origin + path });
      outgoing.end();
    },
  );
  server.timeout = limits.requestTime;
  const broken = createFixedAnswers(security);
  server.on('clientError', (error, socket) =>
    answerBrokenRequest(socket, statusOfClientError(error), broken),
  );
  connections.watch(server, (socket) => answerBrokenRequest(socket, 503, broken));
  return server;
}

/**
 * The path and query that a request asks for, as it wrote them: behind the origin they can lead to no other host.
 * Null where there is none, or where it holds what no address may (RFC 3986 §2).
 */
function pathOf(target: string): string | null {
  const [, path = ''] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [null, target];
  return /^\/[!-~]*$/.test(path) ? path : null;
}
