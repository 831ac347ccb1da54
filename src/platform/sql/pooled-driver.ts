import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely';
import { waitAtMost } from '../runtime/index.ts';
import { type LookUp, POOL_OPTION } from './database.ts';
import { retryConflicts } from './transactions.ts';

/** What the driver of an engine has to provide. */
export type ConnectionPool<Connection extends object> = {
  readonly acquire: () => Promise<Connection>;
  /** Runs a statement with bound parameters. */
  readonly run: (
    connection: Connection,
    text: string,
    values: readonly unknown[],
  ) => Promise<QueryResult<unknown>>;
  /** Begins a transaction in which each statement sees what was committed before it. */
  readonly begin: readonly string[];
  /** Commits; throws when the engine has rolled back instead. */
  readonly commit: (connection: Connection) => Promise<void>;
  /** Whether the engine rolled back because of another transaction, such as after a deadlock. */
  readonly isConflict: (error: unknown) => boolean;
  /** Whether the state of the connection is unknown after this error. */
  readonly isFatal: (error: unknown) => boolean;
  readonly release: (connection: Connection) => void;
  /** Closes a connection whose state is unknown. */
  readonly discard: (connection: Connection) => void;
};

/** Waits for a connection of a pool, which comes back to it when it arrives too late. */
export async function takeConnection<Connection extends { release(): void }>(
  timeout: number,
  connection: Promise<Connection>,
): Promise<Connection> {
  try {
    return await waitAtMost(timeout, connection);
  } catch (error) {
    connection.then(
      (late) => late.release(),
      () => {},
    );
    throw error;
  }
}

/** Runs one statement on a connection of its own. */
function runOnce<Connection extends object>(
  pool: ConnectionPool<Connection>,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult<unknown>> {
  return retryConflicts(pool.isConflict, () =>
    useConnection(pool, (connection) => pool.run(connection, text, values)),
  );
}

/** Works with a connection of a pool, which is closed if its state is unknown afterwards. */
export async function useConnection<Connection extends object, Result>(
  pool: ConnectionPool<Connection>,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await pool.acquire();
  try {
    const result = await work(connection);
    pool.release(connection);
    return result;
  } catch (error) {
    if (pool.isFatal(error)) pool.discard(connection);
    else pool.release(connection);
    throw error;
  }
}

type Pooled<Connection> = DatabaseConnection & {
  readonly raw: Connection;
  isBroken: boolean;
  isInTransaction: boolean;
};

/**
 * A Kysely driver for an engine with a pool of connections. Kysely's own drivers put values into the text (MySQL) or have
 * every statement parsed again (PostgreSQL).
 */
export function pooledDriver<Connection extends object>(pool: ConnectionPool<Connection>): Driver {
  // Kysely passes back the connection that it was given.
  const known = new WeakMap<DatabaseConnection, Pooled<Connection>>();
  const behind = (connection: DatabaseConnection) => {
    const found = known.get(connection);
    if (found === undefined) throw new TypeError('not a connection of this driver');
    return found;
  };
  return {
    init: async () => {},
    acquireConnection: async () => {
      const connection = pooled(pool, await pool.acquire());
      known.set(connection, connection);
      return connection;
    },
    beginTransaction: async (connection) => {
      for (const text of pool.begin) await connection.executeQuery(CompiledQuery.raw(text));
      behind(connection).isInTransaction = true;
    },
    commitTransaction: async (connection) => {
      const found = behind(connection);
      try {
        await pool.commit(found.raw);
      } catch (error) {
        found.isBroken ||= pool.isFatal(error);
        throw error;
      }
    },
    rollbackTransaction: async (connection) => {
      const found = behind(connection);
      // The connection will be closed, which rolls back; another statement would only take time.
      if (found.isBroken) return;
      try {
        await connection.executeQuery(CompiledQuery.raw('rollback'));
      } catch {
        // The error that led here is the one to report.
        found.isBroken = true;
      }
    },
    releaseConnection: async (connection) => {
      const { raw, isBroken } = behind(connection);
      if (isBroken) pool.discard(raw);
      else pool.release(raw);
    },
    // The pool is closed where it was opened.
    destroy: async () => {},
  };
}

function pooled<Connection extends object>(
  pool: ConnectionPool<Connection>,
  raw: Connection,
): Pooled<Connection> {
  const connection: Pooled<Connection> = {
    raw,
    isBroken: false,
    isInTransaction: false,
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery) => {
      const run = () => pool.run(raw, sql, parameters);
      // A single statement was rolled back as a whole; within a transaction, all of it is run again (`transaction`).
      const isRetried = (error: unknown) => !connection.isInTransaction && pool.isConflict(error);
      try {
        // The rows have the shape that Kysely derived from the schema for this very statement.
        return (await retryConflicts(isRetried, run)) as QueryResult<Row>;
      } catch (error) {
        connection.isBroken ||= pool.isFatal(error);
        throw error;
      }
    },
    async *streamQuery<Row>(query: CompiledQuery) {
      yield await connection.executeQuery<Row>(query);
    },
  };
  return connection;
}

/** Prepares a look-up that runs on any connection of a pool. */
export function preparePooledLookUp<Connection extends object, Row>(
  connections: ConnectionPool<Connection>,
  { sql }: CompiledQuery<Row>,
): LookUp<Row> {
  return async (...parameters) => {
    const { rows } = await runOnce(connections, sql, parameters);
    // The row has the shape that Kysely derived from the schema for this very statement.
    return rows[0] as Row | undefined;
  };
}

/** How messages name the pool of an application, which closes it itself. */
export const OF_APPLICATION = {
  setting: POOL_OPTION,
  location: 'the pool of the application',
  close: async (): Promise<void> => {},
};
