import { createServer, type Server } from 'node:http';
import type { System } from '../latchkey.ts';
import { NO_STORE, securityHeaders } from '../platform/web/index.ts';
import { answerBrokenRequest, createFixedAnswers, statusOfClientError } from './broken-requests.ts';
import type { Connections } from './connections.ts';
import { answerHealth, healthPathOf } from './health-checks.ts';
import { http1Options, SERVER_LIMITS, type ServerLimits } from './limits.ts';

/** In characters. The site itself refuses longer URLs too. */
const MAX_URL_LENGTH = 8_000;

/**
 * A plain HTTP server that redirects every request to the site with 308, at the same path and whatever the `Host` (A28).
 * It answers health checks itself, because load balancers ask the port that they pass connections to. It closes the
 * connection after the response, because the client continues on HTTPS.
 */
export function createRedirectServer(
  system: System,
  connections: Connections,
  limits: ServerLimits = SERVER_LIMITS,
): Server {
  // Without HSTS, which must not be sent on plain HTTP (RFC 6797 §7.2).
  const security = securityHeaders(false);
  const { origin } = system.core.settings.baseUrl;
  const headers = { ...security, ...NO_STORE, 'content-length': '0', connection: 'close' };
  const server = createServer(http1Options(limits), (incoming, outgoing) => {
    if (!connections.use(incoming.socket, outgoing)) return void incoming.destroy();
    const path = pathOf(incoming.url ?? '');
    const healthPath = healthPathOf(incoming);
    if (healthPath !== null) return answerHealth(system, healthPath, incoming, outgoing, headers);
    if (path === null) outgoing.writeHead(400, headers);
    else if (path.length > MAX_URL_LENGTH) outgoing.writeHead(414, headers);
    else outgoing.writeHead(308, { ...headers, location: origin + path });
    outgoing.end();
  });
  server.timeout = limits.requestTime;
  const broken = createFixedAnswers(security);
  server.on('clientError', (error, socket) =>
    answerBrokenRequest(socket, statusOfClientError(error), broken),
  );
  connections.watch(server, (socket) => answerBrokenRequest(socket, 503, broken));
  return server;
}

/**
 * The path and query of a request, unchanged: after the origin they cannot lead to another host.
 * Null if there are none, or if they contain a character that a URI must not contain (RFC 3986 §2).
 */
function pathOf(target: string): string | null {
  const [, path = ''] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [null, target];
  return /^\/[!-~]*$/.test(path) ? path : null;
}
