import { createPool, type Pool as EventedPool, type PoolOptions } from 'mysql2';
import type { Pool, PoolConnection, QueryResult } from 'mysql2/promise';
import type { PoolLimits } from '../database.ts';
import { errorCode } from '../error-codes.ts';
import type { ConnectionPool } from '../pooled-driver.ts';
import type { ServerAddress } from '../server-address.ts';
import { tlsOptions } from '../tls-options.ts';

/** Makes a pool. Connections are made when they are first needed. */
export function openPool(address: ServerAddress, limits: PoolLimits): Pool {
  const pool = createPool(options(address, limits));
  setUpConnections(pool, limits);
  return pool.promise();
}

/** Runs a statement, prepared by the server where it has values, so that they never stand in its text. */
export async function run(
  connection: Pool | PoolConnection,
  text: string,
  values: readonly unknown[],
  timeout: number,
): Promise<QueryResult> {
  const statement = { sql: text, timeout };
  const [result] =
    values.length === 0
      ? await connection.query<QueryResult>(statement)
      : await connection.execute<QueryResult>(statement, values.map(parameter));
  return result;
}

export function connectionPool(pool: Pool, { statementTimeout }: PoolLimits): ConnectionPool<PoolConnection> {
  return {
    acquire: () => pool.getConnection(),
    run: async (connection, text, values) => {
      const result = await run(connection, text, values, statementTimeout);
      if (Array.isArray(result)) return { rows: result };
      return { rows: [], numAffectedRows: BigInt(result.affectedRows) };
    },
    commit: (connection) => connection.commit(),
    // The answer of a statement that took too long may still be on its way.
    isFatal: (error) => errorCode(error) === 'PROTOCOL_SEQUENCE_TIMEOUT',
    release: (connection) => connection.release(),
    discard: (connection) => connection.destroy(),
  };
}

function parameter(value: unknown) {
  const isFitting =
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    Buffer.isBuffer(value);
  if (isFitting) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`MySQL takes no ${typeof value} as a parameter`);
}

function options(address: ServerAddress, limits: PoolLimits): PoolOptions {
  const { host, port, socketPath, user, password, database, tls } = address;
  return {
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    database,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(tls.mode !== 'off' && { ssl: { ...tlsOptions(tls), verifyIdentity: tls.mode === 'identity' } }),
    charset: 'utf8mb4',
    connectionLimit: limits.connections,
    connectTimeout: limits.connectTimeout,
    enableKeepAlive: true,
    // Many times as many as there are different statements here.
    maxPreparedStatements: 500,
    // Text that identifies is kept as bytes (columns.ts); ids and hashes have the other binary type.
    typeCast: (field, next) => (field.type === 'VAR_STRING' ? field.string('utf8') : next()),
  };
}

/**
 * Gives every connection one meaning of a transaction, the same as on the other engines: each statement sees what was
 * committed before it. And strictness: what is too long is refused and not cut.
 */
function setUpConnections(pool: EventedPool, { statementTimeout }: PoolLimits): void {
  const seconds = Math.max(1, Math.ceil(statementTimeout / 1_000));
  const statements = [
    'set session transaction isolation level read committed',
    `set session sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = ${seconds}`,
  ];
  pool.on('connection', (connection) => {
    // They run before whatever is asked next; a connection that refuses them is not used.
    for (const statement of statements) {
      connection.query(statement, (error) => {
        if (error !== null) connection.destroy();
      });
    }
  });
}
