import { createHash } from 'node:crypto';
import type { ClientBase, ClientConfig, CustomTypesConfig, Pool, PoolConfig } from 'pg';
import { z } from 'zod';
import type { Endpoint } from '../connection-string.ts';
import type { PoolLimits } from '../database.ts';
import type { PostgresqlClient, PostgresqlPool, PostgresqlStatement } from '../pool-types.ts';
import { type ConnectionPool, takeConnection } from '../pooled-driver.ts';
import type { ServerAddress } from '../server-address.ts';
import { firstThatAnswers } from '../several-hosts.ts';
import { WritesRefused } from '../write-watch.ts';
import { refuseUnbound, requireChannelBinding } from './channel-binding.ts';
import { driverOptions } from './driver-options.ts';
import { isConflict, isElsewhere, isForgotten, isLost, refusesTimeout } from './errors.ts';
import { readTypes } from './values.ts';

/** Opens a pool. It connects when a connection is first needed. */
export function openPool(address: ServerAddress, limits: PoolLimits): OwnPool {
  const { host, port, fallbacks, isPooled } = address;
  const hosts = [{ host, port }, ...fallbacks].map((endpoint) => poolOfHost(address, endpoint, limits));
  const connects = hosts.map((one) => () => one.connect());
  const pool: OwnPool = {
    connect: firstThatAnswers(connects, isElsewhere),
    end: async () => {
      await Promise.all(hosts.map((one) => one.end()));
    },
  };
  if (isPooled) isNameless.add(pool);
  return pool;
}

/** The pool of one host. */
function poolOfHost(address: ServerAddress, endpoint: Endpoint, limits: PoolLimits): OwnPool {
  let opening: Promise<Pool> | undefined;
  return {
    connect: async () => {
      opening ??= openPoolOfHost(address, endpoint, limits).catch((error) => {
        opening = undefined;
        throw error;
      });
      return (await opening).connect();
    },
    // A pool that could not be opened needs no end.
    end: async () => (await opening?.catch(() => undefined))?.end(),
  };
}

/** Tries one connection first: if a pooler refuses the timeout of statements, the driver enforces it alone. */
async function openPoolOfHost(address: ServerAddress, endpoint: Endpoint, limits: PoolLimits): Promise<Pool> {
  const open = (isTimedHere: boolean) =>
    createPool(address, driverOptions(address, endpoint, limits, isTimedHere));
  const pool = await open(address.isPooled);
  try {
    (await pool.connect()).release();
    return pool;
  } catch (error) {
    await pool.end();
    if (refusesTimeout(error)) return open(true);
    throw error;
  }
}

type OwnPool = PostgresqlPool & { readonly end: () => Promise<void> };

// The driver is loaded when a connection is first needed.
async function createPool({ fallbacks, tls }: ServerAddress, chosen: PoolConfig): Promise<Pool> {
  const driver = await import('pg');
  class BoundClient extends driver.Client {
    constructor(config?: ClientConfig) {
      super(config);
      requireChannelBinding(this);
    }
  }
  const isBound = tls.mode !== 'off' && tls.channelBinding === 'require';
  const pool = new driver.Pool({
    ...chosen,
    ...(isBound && { Client: BoundClient }),
    onConnect: async (client) => {
      if (isBound) refuseUnbound(client);
      if (fallbacks.length > 0) await refuseReadOnly(client);
    },
  });
  // A lost connection is replaced when the next one is needed; the statement that used it fails with the error. The
  // pool reports idle connections only.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

// Of several hosts, one may be a standby.
async function refuseReadOnly(client: ClientBase): Promise<void> {
  const { rows } = await client.query("select current_setting('transaction_read_only') = 'off' as writes");
  const [row] = z.tuple([z.object({ writes: z.boolean() })]).parse(rows);
  if (!row.writes)
    throw new WritesRefused('it is read-only: a standby, or default_transaction_read_only is on');
}

/**
 * Pools behind which transactions may run on other connections than those before: a pooler is there, so that a named
 * statement may be missing, or be known already.
 */
const isNameless = new WeakSet<PostgresqlPool>();

/**
 * The connections of a pool.
 * @param timeout how long a statement may take, in milliseconds; by default as the pool says
 * @param isNamed whether statements are prepared by name, as far as the pool allows it
 */
export function connectionPool(
  pool: PostgresqlPool,
  timeout?: number,
  isNamed: boolean = true,
): ConnectionPool<PostgresqlClient> {
  const options = timeout === undefined ? {} : { query_timeout: timeout };
  return {
    isConflict,
    acquire: () => pool.connect(),
    run: async (client, text, values) => {
      const query = statement(text, values, await readTypes(), isNamed && !isNameless.has(pool));
      const { rows, rowCount, command } = await client
        .query({ ...query, ...options })
        .catch((error: unknown) => {
          // It is run again, as after a conflict.
          if (isForgotten(error)) isNameless.add(pool);
          throw error;
        });
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
  isNamed: boolean = true,
): ConnectionPool<PostgresqlClient> {
  // The application's pool reports the errors of idle connections only.
  const isWatched = new WeakSet<PostgresqlClient>();
  return {
    ...connectionPool(pool, timeout, isNamed),
    acquire: async () => {
      const client = await takeConnection(connectTimeout, pool.connect());
      if (!isWatched.has(client)) client.on('error', () => {});
      isWatched.add(client);
      return client;
    },
  };
}

// A named statement is parsed and planned once a connection. One without values is a command, or runs once.
function statement(
  text: string,
  values: readonly unknown[],
  types: CustomTypesConfig,
  isNamed: boolean,
): PostgresqlStatement {
  if (values.length === 0) return { text, types };
  if (!isNamed) return { text, values: [...values], types };
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
