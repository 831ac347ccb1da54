import { createPool, type PoolOptions } from 'mysql2';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { waitAtMost } from '../../runtime/index.ts';
import type { PoolLimits } from '../database.ts';
import type { ConnectionPool } from '../pooled-driver.ts';
import type { ServerAddress } from '../server-address.ts';
import { tlsOptions } from '../tls-options.ts';
import { isConflict, isLost } from './errors.ts';

/** Opens a pool. It connects when a connection is first needed. */
export function openPool(address: ServerAddress, limits: PoolLimits): Pool {
  const pool = createPool(options(address, limits));
  // A lost connection is replaced when the next one is needed; the statement that used it fails with the error.
  pool.on('connection', (connection) => connection.on('error', () => {}));
  return pool.promise();
}

/**
 * The connections of a pool. All waits have a timeout here: the driver has none for a free connection, and keeps a
 * connection whose statement timed out.
 * @param timeout how long a statement may take, in milliseconds
 */
export function connectionPool(
  pool: Pool,
  { connectTimeout, statementTimeout }: PoolLimits,
  timeout: number = statementTimeout,
): ConnectionPool<PoolConnection> {
  const run = async (connection: PoolConnection, text: string, values: readonly unknown[]) => {
    // A prepared statement where it has values, so that they are never part of its text.
    const [result] = await waitAtMost(
      timeout,
      values.length === 0 ? connection.query(text) : connection.execute(text, values.map(parameter)),
    );
    if (Array.isArray(result)) return { rows: result };
    return { rows: [], numAffectedRows: BigInt(result.affectedRows) };
  };
  return {
    acquire: async () => {
      const connection = await takeFrom(pool, connectTimeout);
      try {
        if (!isSetUp.has(connection.connection)) await setUp(connection, statementTimeout);
      } catch (error) {
        connection.destroy();
        throw error;
      }
      return connection;
    },
    run,
    commit: (connection) => waitAtMost(timeout, connection.commit()),
    isConflict,
    isFatal: isLost,
    release: (connection) => connection.release(),
    discard: (connection) => connection.destroy(),
  };
}

async function takeFrom(pool: Pool, timeout: number): Promise<PoolConnection> {
  const connection = pool.getConnection();
  try {
    return await waitAtMost(timeout, connection);
  } catch (error) {
    // It may still arrive; then it is not needed any more.
    connection.then(
      (late) => late.release(),
      () => {},
    );
    throw error;
  }
}

const isSetUp = new WeakSet<object>();

/**
 * Sets the isolation level of the other engines, so that each statement sees what was committed before it, and strict
 * mode, so that a value that is too long is refused and not truncated.
 */
async function setUp(connection: PoolConnection, statementTimeout: number): Promise<void> {
  const seconds = Math.max(1, Math.ceil(statementTimeout / 1_000));
  const statements = [
    'set session transaction isolation level read committed',
    `set session sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = ${seconds}`,
  ];
  for (const statement of statements) await waitAtMost(statementTimeout, connection.query(statement));
  isSetUp.add(connection.connection);
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
    // Far more than this program has different statements.
    maxPreparedStatements: 500,
    // Text that identifies is kept as bytes (`COLUMNS.key`); ids and hashes have the other binary type.
    typeCast: (field, next) => (field.type === 'VAR_STRING' ? field.string('utf8') : next()),
  };
}
