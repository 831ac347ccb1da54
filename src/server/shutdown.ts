import type { Server } from 'node:net';
import type { Connections } from './connections.ts';

const SWEEP_INTERVAL = 50;

// npm hands on the Ctrl-C that the terminal has sent to this process already; the two are one.
const ECHO = 200;

/** Ends the process well on SIGINT and SIGTERM: `close` runs once, and a second signal ends at once. */
export function endOnSignals(close: () => Promise<void>): void {
  let firstSignalAt: number | undefined;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    const now = performance.now();
    if (firstSignalAt !== undefined && now - firstSignalAt < ECHO) return;
    if (firstSignalAt !== undefined) process.exit(signal === 'SIGINT' ? 130 : 143);
    firstSignalAt = now;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/**
 * Stops listening, lets the requests under way finish, and cuts off what takes too long.
 * @param graceTime milliseconds
 */
export async function closeServers(
  servers: readonly Server[],
  connections: Connections,
  graceTime: number,
): Promise<void> {
  // A connection that is kept alive counts as open; it is closed as soon as its last request is answered. Sessions
  // of HTTP/2 end with their last answer. What was still agreeing on keys as listening stopped is met in a later turn.
  const sweep = setInterval(() => {
    for (const server of servers) closeIdleConnections(server);
    connections.finish();
  }, SWEEP_INTERVAL);
  const cut = setTimeout(connections.closeAll, graceTime);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  clearInterval(sweep);
  clearTimeout(cut);
}

// A server of HTTP/2 that falls back to HTTP/1.1 can do this as well; the types do not know it.
function closeIdleConnections(server: Server): void {
  const close: unknown = Reflect.get(server, 'closeIdleConnections');
  if (typeof close === 'function') Reflect.apply(close, server, []);
}
