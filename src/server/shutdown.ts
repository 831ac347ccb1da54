import type { Server } from 'node:http';
import { SECOND } from '../core/clock.ts';

const GRACE = 10 * SECOND;
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

/** Stops listening, lets the requests under way finish, and cuts off what takes longer than ten seconds. */
export async function closeServers(servers: readonly Server[]): Promise<void> {
  // A connection that is kept alive counts as open; it is closed as soon as its last request is answered.
  const sweep = setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, SWEEP_INTERVAL);
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, GRACE);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  clearInterval(sweep);
  clearTimeout(cut);
}
