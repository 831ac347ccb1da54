import { createHash } from 'node:crypto';
import type { CustomTypesConfig, Pool, PoolConfig } from 'pg';
import type { PoolLimits } from '../database.ts';
import type { PostgresqlClient, PostgresqlPool, PostgresqlStatement } from '../pool-types.ts';
import { type ConnectionPool, takeConnection } from '../pooled-driver.ts';
import type { ServerAddress } from '../server-address.ts';
import { tlsOptions } from '../tls-options.ts';
import { isConflict, isLost } from './errors.ts';
import { readTypes } from './values.ts';

/** Opens a pool. It connects when a connection is first needed. */
export function openPool(address: ServerAddress, limits: PoolLimits): OwnPool {
  const chosen = configuration(address, limits);
  let opening: Promise<Pool> | undefined;
  return {
    connect: async () => {
      opening ??= createPool(chosen);
      return (await opening).connect();
    },
    end: async () => (await opening)?.end(),
  };
}

type OwnPool = PostgresqlPool & { readonly end: () => Promise<void> };

// The driver is loaded when a connection is first needed.
async function createPool(chosen: PoolConfig): Promise<Pool> {
  const driver = await import('pg');
  const pool = new driver.Pool(chosen);
  // A lost connection is replaced when the next one is needed; the statement that used it fails with the error. The
  // pool reports idle connections only.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * The connections of a pool.
 * @param timeout how long a statement may take, in milliseconds; by default as the pool says
 */
export function connectionPool(pool: PostgresqlPool, timeout?: number): ConnectionPool<PostgresqlClient> {
  const options = timeout === undefined ? {} : { query_timeout: timeout };
  return {
    isConflict,
    acquire: () => pool.connect(),
    run: async (client, text, values) => {
      const query = statement(text, values, await readTypes());
      const { rows, rowCount, command } = await client.query({ ...query, ...options });
      const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
      return isChange ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
    },
    begin: ['begin isolation level read committed'],
    commit: async (client) => {
      // PostgreSQL answers COMMIT with ROLLBACK where a statement had failed before.
      const { command } = await client.query({ text: 'commit', ...options });
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    },
    isFatal: isLost,
    release: (client) => client.release(),
    discard: (client) => client.release(true),
  };
}

/**
 * The connections of the pool of an application: no setting of a connection is changed, and every wait has a timeout here.
 * @param timeout how long a statement may take, in milliseconds
 */
export function sharedConnections(
  pool: PostgresqlPool,
  { connectTimeout, statementTimeout }: PoolLimits,
  timeout: number = statementTimeout,
): ConnectionPool<PostgresqlClient> {
  // The application's pool reports the errors of idle connections only.
  const isWatched = new WeakSet<PostgresqlClient>();
  return {
    ...connectionPool(pool, timeout),
    acquire: async () => {
      const client = await takeConnection(connectTimeout, pool.connect());
      if (!isWatched.has(client)) client.on('error', () => {});
      isWatched.add(client);
      return client;
    },
  };
}

// A named statement is parsed and planned once a connection. One without values is a command, or runs once.
function statement(text: string, values: readonly unknown[], types: CustomTypesConfig): PostgresqlStatement {
  if (values.length === 0) return { text, types };
  return { name: nameOf(text), text, values: [...values], types };
}

const names = new Map<string, string>();
const MOST_NAMES = 1_000;

/** A name for a statement by its text, the same on every connection; names may have 63 bytes. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `latchkey_${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
  if (names.size < MOST_NAMES) names.set(text, name);
  return name;
}

function configuration(address: ServerAddress, limits: PoolLimits): PoolConfig {
  const { host, port, socketPath, user, password, database, tls } = address;
  return {
    host: socketPath ?? host,
    port,
    database,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    // Always set: otherwise the driver reads PGSSLMODE.
    ssl: tls.mode !== 'off' && {
      ...tlsOptions(tls),
      ...(tls.mode === 'authority' && { checkServerIdentity }),
    },
    application_name: 'latchkey',
    max: limits.connections,
    connectionTimeoutMillis: limits.connectTimeout,
    statement_timeout: limits.statementTimeout,
    // The server cancels a statement itself; this is for a server that no longer answers.
    query_timeout: limits.statementTimeout + limits.connectTimeout,
    keepAlive: true,
  };
}

// `verify-ca` accepts the certificate of any host that the authority has signed.
const checkServerIdentity = () => undefined;
