import { globSync, readFileSync } from 'node:fs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { Client } from 'pg';
import { startMariadb } from '../../scripts/provide/mariadb.ts';
import { startPostgresql } from '../../scripts/provide/postgresql.ts';
import type { PrivateServer } from '../../scripts/provide/private-server.ts';
import { type Engine, mariadbAt, postgresqlAt } from './databases.ts';

type Work = () => Promise<void>;

/** A database server of a single test, which can stop and restart it. */
export type ControllableServer = AsyncDisposable & {
  /** Creates empty databases on it. */
  readonly engine: Engine;
  /** Stops it with all its connections, and starts it again after the work. */
  readonly whileStopped: (work: Work) => Promise<void>;
  /** Freezes it during the work: its connections stay open, and nothing responds. */
  readonly whileFrozen: (work: Work) => Promise<void>;
  /** Closes all its connections; returns their number. */
  readonly closeConnections: () => Promise<number>;
};

/** Every kind of server that can become unavailable. */
export const controllableServers: readonly {
  readonly name: string;
  readonly start: () => Promise<ControllableServer>;
}[] = [
  { name: 'PostgreSQL', start: startControllablePostgresql },
  { name: 'MariaDB', start: startControllableMariadb },
];

async function startControllablePostgresql(): Promise<ControllableServer> {
  const server = await startPostgresql();
  return {
    ...ending(server),
    engine: postgresqlAt(server.url),
    whileFrozen: (work) =>
      // The postmaster first, so that no connection is accepted any more; then the process of each connection.
      frozen([server.processId()], () => frozen(childrenOf(server.processId()), work)),
    closeConnections: async () => {
      await using client = await connected(server.url);
      const others = "backend_type = 'client backend' and pid <> pg_backend_pid()";
      const closed = await client.numbers(
        `select pid as number, pg_terminate_backend(pid) from pg_stat_activity where ${others}`,
      );
      const left = `select pid as number from pg_stat_activity where pid in (0, ${closed.join(', ') || 0})`;
      while ((await client.numbers(left)).length > 0);
      return closed.length;
    },
  };
}

async function connected(connectionString: string) {
  const client = new Client({ connectionString });
  await client.connect();
  return {
    numbers: async (query: string) =>
      (await client.query<{ number: number }>(query)).rows.map(({ number }) => number),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function startControllableMariadb(): Promise<ControllableServer> {
  const server = await startMariadb();
  return {
    ...ending(server),
    engine: mariadbAt(server.url),
    whileFrozen: (work) => whileFrozen(server, work),
    closeConnections: async () => {
      const connection = await createConnection(server.url);
      const [rows] = await connection.query<RowDataPacket[]>(
        "select id from information_schema.processlist where user = 'latchkey' and id <> connection_id()",
      );
      for (const { id } of rows) await connection.query(`kill ${id}`);
      await connection.end();
      return rows.length;
    },
  };
}

function ending(server: PrivateServer) {
  return {
    whileStopped: async (work: Work) => {
      await server.halt();
      try {
        await work();
      } finally {
        await server.resume();
      }
    },
    [Symbol.asyncDispose]: server.stop,
  };
}

/** Freezes a server of one process during the work. */
export function whileFrozen(server: PrivateServer, work: Work): Promise<void> {
  return frozen([server.processId()], work);
}

async function frozen(processes: readonly number[], work: Work): Promise<void> {
  const thaw = () => send(processes, 'SIGCONT');
  process.once('exit', thaw);
  send(processes, 'SIGSTOP');
  try {
    while (!processes.every(isFrozen)) await new Promise(setImmediate);
    await work();
  } finally {
    process.off('exit', thaw);
    thaw();
  }
}

function send(processes: readonly number[], signal: NodeJS.Signals): void {
  for (const id of processes) {
    // A process that has ended needs no signal.
    try {
      process.kill(id, signal);
    } catch {}
  }
}

// On a busy machine a signal takes time, and each thread stops separately. Only Linux shows when all have stopped.
function isFrozen(id: number): boolean {
  const states = globSync(`/proc/${id}/task/*/stat`).map(stateIn);
  return states.every((state) => state !== 'R' && state !== 'S' && state !== 'D');
}

// Read from the kernel: a connection that has just been accepted is not in pg_stat_activity yet.
function childrenOf(id: number): readonly number[] {
  return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').trim().split(' ').map(Number);
}

function stateIn(file: string): string {
  try {
    return /\) (\w) /.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
