import { createHash } from 'node:crypto';
import { Pool, type PoolClient, type PoolConfig, types } from 'pg';
import type { PoolLimits } from '../database.ts';
import type { ConnectionPool } from '../pooled-driver.ts';
import type { ServerAddress } from '../server-address.ts';
import { tlsOptions } from '../tls-options.ts';
import { isLost } from './errors.ts';

/** Makes a pool. Connections are made when they are first needed. */
export function openPool(address: ServerAddress, limits: PoolLimits): Pool {
  const pool = new Pool(configuration(address, limits));
  // One that is lost is replaced when the next one is needed; whoever used it hears of it there. The pool itself
  // hears of the idle ones only.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/**
 * The connections of a pool.
 * @param patience how long a statement may take, where that is not what the limits say; in milliseconds
 */
export function connectionPool(pool: Pool, patience?: number): ConnectionPool<PoolClient> {
  const waiting = patience === undefined ? {} : { query_timeout: patience };
  return {
    acquire: () => pool.connect(),
    run: async (client, text, values) => {
      const { rows, rowCount, command } = await client.query({ ...statement(text, values), ...waiting });
      const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
      return isChange ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
    },
    commit: async (client) => {
      // PostgreSQL answers COMMIT with ROLLBACK where a statement had failed before.
      const { command } = await client.query({ text: 'commit', ...waiting });
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    },
    isFatal: isLost,
    release: (client) => client.release(),
    discard: (client) => client.release(true),
  };
}

// A named statement is parsed and planned once a connection. One without values is a command, or runs once.
function statement(text: string, values: readonly unknown[]) {
  return values.length === 0 ? { text } : { name: nameOf(text), text, values: [...values] };
}

const names = new Map<string, string>();
const MOST_NAMES = 1_000;

/** A name for a statement by its text, the same on every connection; names may have 63 bytes. */
export function nameOf(text: string): string {
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
    // Said in any case: what is left unsaid the driver takes from PGSSLMODE.
    ssl: tls.mode !== 'off' && {
      ...tlsOptions(tls),
      ...(tls.mode === 'authority' && { checkServerIdentity }),
    },
    application_name: 'latchkey',
    max: limits.connections,
    connectionTimeoutMillis: limits.connectTimeout,
    statement_timeout: limits.statementTimeout,
    // The server gives a statement up by itself; this is for a server that no longer says anything.
    query_timeout: limits.statementTimeout + limits.connectTimeout,
    keepAlive: true,
    types: { getTypeParser },
  };
}

// With `verify-ca` the certificate may be any host's, as long as the authority is ours.
const checkServerIdentity = () => undefined;

// Milliseconds of UTC fit into a number; as text, which the driver gives otherwise, they would not compare.
const getTypeParser: typeof types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  type === types.builtins.INT8 ? Number : types.getTypeParser(type, format);
