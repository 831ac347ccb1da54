import type { Server } from 'node:net';
import type { Connections } from './connections.ts';

const SWEEP_INTERVAL = 50;

// The terminal sends Ctrl-C to this process, and npm forwards it a second time.
const DUPLICATE_SIGNAL_INTERVAL = 200;

/** The statuses with which shells report the end by a signal: 128 and its number. */
const STATUSES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Shuts down on SIGINT and SIGTERM, and on SIGHUP, which a closed terminal sends: `close` runs once, and a second signal
 * exits at once.
 */
export function endOnSignals(close: () => Promise<void>): void {
  let firstSignalAt: number | undefined;
  const onSignal = (signal: keyof typeof STATUSES) => {
    const now = performance.now();
    if (firstSignalAt !== undefined && now - firstSignalAt < DUPLICATE_SIGNAL_INTERVAL) return;
    if (firstSignalAt !== undefined) process.exit(STATUSES[signal]);
    firstSignalAt = now;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGHUP', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/**
 * Stops listening, waits for the open requests and closes those that take too long.
 * @param graceTime milliseconds
 */
export async function closeServers(
  servers: readonly Server[],
  connections: Connections,
  graceTime: number,
): Promise<void> {
  // A kept-alive connection counts as open, so it is closed after its last response. HTTP/2 sessions end with their
  // last response. A connection whose TLS handshake was running is closed in a later sweep.
  const sweep = setInterval(() => {
    for (const server of servers) closeIdleConnections(server);
    connections.finish();
  }, SWEEP_INTERVAL);
  const cut = setTimeout(connections.closeAll, graceTime);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  clearInterval(sweep);
  clearTimeout(cut);
}

// An HTTP/2 server that allows HTTP/1.1 has this method too, but its type lacks it.
function closeIdleConnections(server: Server): void {
  const close: unknown = Reflect.get(server, 'closeIdleConnections');
  if (typeof close === 'function') Reflect.apply(close, server, []);
}
