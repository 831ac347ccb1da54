import { freePort } from './free-port.ts';
import {
  type PrivateServer,
  privateFile,
  privateFolder,
  startServer,
  unprivileged,
} from './private-server.ts';
import { toolPath } from './system-packages.ts';

type Options = {
  /** When a connection to the server goes back to the pool. */
  readonly poolMode: 'session' | 'transaction' | 'statement';
  /** The most connections to the server; with few, clients take turns on each. */
  readonly poolSize?: number;
  /** Who it is at the server; by default the user of its URL. */
  readonly user?: string;
};

/**
 * Starts a private instance of PgBouncer in front of a PostgreSQL that accepts every client.
 * @throws {Error} saying how to install it
 */
export async function startPgbouncer(
  postgresql: string,
  { poolMode, poolSize = 2, user }: Options,
): Promise<PrivateServer> {
  const runAs = unprivileged();
  const folder = privateFolder('pgbouncer', runAs);
  const port = await freePort();
  const { hostname, port: serverPort, username } = new URL(postgresql);
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${serverPort} user=${user ?? username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${poolMode}`,
    `default_pool_size = ${poolSize}`,
    'max_client_conn = 200',
    'log_connections = 0',
    'log_disconnections = 0',
  ];
  const configuration = privateFile(folder, 'pgbouncer.ini', `${lines.join('\n')}\n`, runAs);
  const server = await startServer({
    command: pgbouncerPath(),
    args: [configuration],
    runAs,
    folder,
    readiness: 'process up',
  });
  return { ...server, url: `postgres://${username}@127.0.0.1:${port}/postgres` };
}

/** @throws {Error} saying how to install it */
export function pgbouncerPath(): string {
  return toolPath({
    name: 'PgBouncer',
    command: 'pgbouncer',
    folders: ['/usr/sbin'],
    package: 'pgbouncer',
  });
}
