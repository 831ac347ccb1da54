import type { PoolOptions } from 'mysql2';
import type { Pool } from 'mysql2/promise';
import { z } from 'zod';
import { waitAtMost } from '../../runtime/index.ts';
import type { Endpoint } from '../connection-string.ts';
import { DatabaseStartError, POOL_OPTION, type PoolLimits } from '../database.ts';
import type { MysqlConnection, MysqlPool, MysqlTypeCast } from '../pool-types.ts';
import { type ConnectionPool, takeConnection } from '../pooled-driver.ts';
import type { ServerAddress } from '../server-address.ts';
import { firstThatAnswers } from '../several-hosts.ts';
import { WritesRefused } from '../write-watch.ts';
import { driverOptions } from './driver-options.ts';
import { isConflict, isElsewhere, isLost } from './errors.ts';

/** Opens a pool. It connects when a connection is first needed. */
export function openPool(address: ServerAddress, limits: PoolLimits): OwnPool {
  const { host, port, fallbacks } = address;
  const hosts = [{ host, port }, ...fallbacks].map((endpoint) => poolOfHost(address, endpoint, limits));
  const connects = hosts.map((one) => () => one.getConnection());
  return {
    getConnection: firstThatAnswers(connects, isElsewhere),
    end: async () => {
      await Promise.all(hosts.map((one) => one.end()));
    },
  };
}

function poolOfHost(address: ServerAddress, endpoint: Endpoint, limits: PoolLimits): OwnPool {
  const chosen = driverOptions(address, endpoint, limits);
  let opening: Promise<Pool> | undefined;
  const getConnection = async () => {
    opening ??= createPool(chosen);
    return (await opening).getConnection();
  };
  const end = async () => (await opening)?.end();
  return { getConnection: address.fallbacks.length === 0 ? getConnection : writing(getConnection), end };
}

/** Of several hosts, one may be a replica. A connection is asked once. */
function writing(getConnection: MysqlPool['getConnection']): MysqlPool['getConnection'] {
  const isAsked = new WeakSet<object>();
  return async () => {
    const connection = await getConnection();
    if (isAsked.has(connection.connection)) return connection;
    try {
      const sql = 'select @@global.read_only as state';
      const [rows] = await connection.query({ sql, rowsAsArray: false });
      const [row] = z.tuple([z.object({ state: z.union([z.string(), z.number()]) })]).parse(rows);
      if (row.state !== 0 && row.state !== 'OFF') throw new WritesRefused('it is read-only');
    } catch (error) {
      connection.destroy();
      throw error;
    }
    isAsked.add(connection.connection);
    return connection;
  };
}

export type OwnPool = MysqlPool & { readonly end: () => Promise<void> };

// The driver is loaded when a connection is first needed.
async function createPool(chosen: PoolOptions): Promise<Pool> {
  const driver = await import('mysql2');
  const pool = driver.createPool(chosen);
  // A lost connection is replaced when the next one is needed; the statement that used it fails with the error.
  pool.on('connection', (connection) => connection.on('error', () => {}));
  return pool.promise();
}

type Using = {
  /** Called before the first use of a connection. */
  readonly prepare: (connection: MysqlConnection, limits: PoolLimits) => Promise<void>;
  readonly begin: readonly string[];
};

const OWN: Using = { prepare: setUp, begin: ['begin'] };
/** Settings of a connection are checked and not changed; the isolation level is set for one transaction. */
const SHARED: Using = {
  prepare: checkConnection,
  begin: ['set transaction isolation level read committed', 'begin'],
};

/**
 * The connections of a pool. All waits have a timeout here: the driver has none for a free connection, and keeps a
 * connection whose statement timed out.
 * @param timeout how long a statement may take, in milliseconds
 */
export function connectionPool(
  pool: MysqlPool,
  limits: PoolLimits,
  timeout: number = limits.statementTimeout,
  { prepare, begin }: Using = OWN,
): ConnectionPool<MysqlConnection> {
  const run = async (connection: MysqlConnection, text: string, values: readonly unknown[]) => {
    const statement = { sql: text, typeCast, decimalNumbers: false, rowsAsArray: false, nestTables: false };
    // A prepared statement where it has values, so that they are never part of its text.
    const [result] = await waitAtMost(
      timeout,
      values.length === 0
        ? connection.query(statement)
        : connection.execute({ ...statement, values: values.map(parameter) }),
    );
    if (Array.isArray(result)) return { rows: result };
    return { rows: [], numAffectedRows: affectedRows(result) };
  };
  return {
    acquire: async () => {
      const connection = await takeConnection(limits.connectTimeout, pool.getConnection());
      try {
        if (!isPrepared.has(connection.connection)) await prepare(connection, limits);
        isPrepared.add(connection.connection);
      } catch (error) {
        connection.destroy();
        throw error;
      }
      return connection;
    },
    run,
    begin,
    commit: async (connection) => {
      await run(connection, 'commit', []);
    },
    isConflict,
    isFatal: isLost,
    release: (connection) => connection.release(),
    discard: (connection) => connection.destroy(),
  };
}

/** The connections of the pool of an application. */
export function sharedConnections(pool: MysqlPool, limits: PoolLimits, timeout?: number) {
  return connectionPool(pool, limits, timeout, SHARED);
}

const isPrepared = new WeakSet<object>();

/**
 * Sets the isolation level of the other engines, so that each statement sees what was committed before it, and strict
 * mode, so that a value that is too long is refused and not truncated.
 */
async function setUp(connection: MysqlConnection, { statementTimeout }: PoolLimits): Promise<void> {
  const seconds = Math.max(1, Math.ceil(statementTimeout / 1_000));
  const statements = [
    'set session transaction isolation level read committed',
    `set session sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = ${seconds}`,
  ];
  for (const sql of statements) await waitAtMost(statementTimeout, connection.query({ sql }));
  const { isInCluster, waits } = await readCluster(connection, statementTimeout);
  if (isInCluster && !waits)
    await waitAtMost(
      statementTimeout,
      connection.query({ sql: `set session wsrep_sync_wait = ${SYNC_WAIT}` }),
    );
}

/**
 * In a Galera cluster: reads, updates, deletions and insertions wait until this node has applied what other nodes have
 * confirmed. Otherwise what was deleted on one node would be found on another.
 * @see https://mariadb.com/kb/en/galera-cluster-system-variables/#wsrep_sync_wait
 */
const SYNC_WAIT = 7;

const clusterVariables = z.array(z.object({ Variable_name: z.string(), Value: z.string() }));

/** Whether the server is a node of a Galera cluster, and whether statements of this connection wait for the others. */
async function readCluster(connection: MysqlConnection, timeout: number) {
  const sql = "show variables where variable_name in ('wsrep_on', 'wsrep_sync_wait')";
  const [rows] = await waitAtMost(timeout, connection.query({ sql, rowsAsArray: false }));
  const values = new Map(
    clusterVariables.parse(rows).map(({ Variable_name, Value }) => [Variable_name.toLowerCase(), Value]),
  );
  const mask = Number(values.get('wsrep_sync_wait') ?? 0);
  return { isInCluster: values.get('wsrep_on') === 'ON', waits: (mask & SYNC_WAIT) === SYNC_WAIT };
}

const variables = z.object({ mode: z.string(), charset: z.string() });

/** @throws {DatabaseStartError} when a connection of the application would change or lose what is written */
async function checkConnection(connection: MysqlConnection, { statementTimeout }: PoolLimits): Promise<void> {
  const sql = 'select @@sql_mode as mode, @@character_set_client as charset';
  const [rows] = await waitAtMost(statementTimeout, connection.query({ sql, rowsAsArray: false }));
  const { mode, charset } = variables.parse(Array.isArray(rows) ? rows[0] : undefined);
  const refuse = (problem: string) => new DatabaseStartError(`${POOL_OPTION}: ${problem}`);
  if (!/STRICT_(?:ALL|TRANS)_TABLES|TRADITIONAL/.test(mode))
    throw refuse('its connections truncate values that are too long; add STRICT_TRANS_TABLES to sql_mode');
  if (charset !== 'utf8mb4') throw refuse(`its connections use ${charset}; give charset: 'utf8mb4'`);
  if (!countsFoundRows(connection))
    throw refuse('its connections count changed rows only; take “-FOUND_ROWS” out of its flags');
  const { isInCluster, waits } = await readCluster(connection, statementTimeout);
  if (isInCluster && !waits)
    throw refuse(
      `its connections may read what other nodes of the Galera cluster have changed; SET GLOBAL wsrep_sync_wait = ${SYNC_WAIT} on every node`,
    );
}

const FOUND_ROWS = 2;
const withFlags = z.object({ config: z.object({ clientFlags: z.number() }) });

// A row that an update leaves as it is was found, too; no statement reads this flag.
function countsFoundRows({ connection }: MysqlConnection): boolean {
  const read = withFlags.safeParse(connection);
  return !read.success || (read.data.config.clientFlags & FOUND_ROWS) !== 0;
}

function affectedRows(result: unknown): bigint {
  const isHeader = typeof result === 'object' && result !== null && 'affectedRows' in result;
  return BigInt(isHeader ? Number(result.affectedRows) : 0);
}

const typeCast: MysqlTypeCast = (field, next) => {
  // Text that identifies is kept as bytes (`COLUMNS.key`); ids and hashes have the other binary type.
  if (field.type === 'VAR_STRING') return field.string('utf8');
  const value = next();
  // The pool of an application may read large numbers as text.
  return field.type === 'LONGLONG' && typeof value === 'string' ? Number(value) : value;
};

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
