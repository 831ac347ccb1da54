import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import type { CoreSettings } from '../auth/settings.ts';
import type { Metrics } from '../platform/observability/index.ts';
import { isLoopbackHost, NO_PAGE, NO_STORE, securityHeaders } from '../platform/web/index.ts';
import { SERVER_LIMITS } from './limits.ts';
import { listen } from './listen.ts';

/** The server that Prometheus scrapes. */
export type MetricsEndpoint = { readonly close: () => Promise<void> };

/** One or two Prometheus servers need no more. */
const MAX_CONNECTIONS = 16;

/**
 * Serves metrics on a port of their own, if that is configured.
 * @throws {ListenError} when the port is taken or may not be used
 */
export async function openMetricsEndpoint(
  { metricsHost, metricsPort: number, metricsAllowedHosts = [] }: CoreSettings,
  metrics: Metrics | null,
): Promise<MetricsEndpoint> {
  if (metrics === null || number === undefined) return { close: async () => {} };
  const isOwnHost = createMetricsHost([metricsHost.toLowerCase(), ...metricsAllowedHosts]);
  const makeServer = () => createMetricsServer(metrics, isOwnHost);
  const servers = await listen(makeServer, [metricsHost], { setting: 'METRICS_PORT', number });
  return { close: () => closeAll(servers) };
}

/**
 * Whether a `Host` is accepted. A page that resolves its own name to this server (DNS rebinding) sends that name; it
 * cannot send an IP address or `localhost`.
 */
function createMetricsHost(names: readonly string[]): (host: string | undefined) => boolean {
  return (host) => {
    // HTTP/1.0, which no browser uses, may omit it.
    if (host === undefined) return true;
    const hostname = URL.parse(`http://${host}/`)?.hostname ?? '';
    return (
      isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 || isLoopbackHost(hostname) || names.includes(hostname)
    );
  };
}

function createMetricsServer(metrics: Metrics, isOwnHost: (host: string | undefined) => boolean): Server {
  const headers = { ...securityHeaders(false), ...NO_PAGE, ...NO_STORE };
  const { headerBytes, headersTime, requestTime } = SERVER_LIMITS;
  const limits = { maxHeaderSize: headerBytes, headersTimeout: headersTime, requestTimeout: requestTime };
  const server = createServer(limits, ({ method, url, headers: { host } }, outgoing) => {
    if (!isOwnHost(host)) return void outgoing.writeHead(421, headers).end();
    if (url?.split('?')[0] !== '/metrics') return void outgoing.writeHead(404, headers).end();
    if (method !== 'GET' && method !== 'HEAD')
      return void outgoing.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end();
    metrics.text().then(
      (text) => outgoing.writeHead(200, { ...headers, 'content-type': metrics.contentType }).end(text),
      () => outgoing.writeHead(500, headers).end(),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = requestTime;
  return server;
}

// A response may be cut off, as the next scrape gets the same values.
async function closeAll(servers: readonly Server[]): Promise<void> {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
