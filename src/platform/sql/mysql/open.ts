import { Kysely, MysqlAdapter, MysqlIntrospector, type RawBuilder, sql } from 'kysely';
import { waitAtMost } from '../../runtime/index.ts';
import {
  type ColumnTypes,
  type Database,
  type DatabaseOptions,
  DatabaseStartError,
  type PoolLimits,
} from '../database.ts';
import type { MysqlConnection, MysqlPool } from '../pool-types.ts';
import {
  type ConnectionPool,
  OF_APPLICATION,
  pooledDriver,
  preparePooledLookUp,
  runOnce,
} from '../pooled-driver.ts';
import { describeServer, type ServerAddress } from '../server-address.ts';
import { retryConflicts } from '../transactions.ts';
import { catalogOf } from './catalog.ts';
import {
  explain,
  explainOnPool,
  isConflict,
  isLost,
  isRowRefusal,
  isUnavailable,
  isUniqueViolation,
  refusedBy,
} from './errors.ts';
import { connectionPool, type OwnPool, openPool, sharedConnections } from './pool.ts';
import { PrefixingCompiler } from './query-compiler.ts';

const SCHEMA_LOCK = 'latchkey schema';
const SCHEMA_LOCK_SECONDS = 600;

const COLUMNS: ColumnTypes = {
  id: sql`binary(16)`,
  hash: sql`binary(32)`,
  time: sql`bigint`,
  text: (maxCharacters) => sql`varchar(${sql.lit(maxCharacters)}) character set utf8mb4`,
  // Bytes, because collations here fold case, width and trailing spaces, and their names differ between MySQL and
  // MariaDB. They are read as text (pool.ts).
  key: (maxBytes) => sql`varbinary(${sql.lit(maxBytes)})`,
  number: sql`integer`,
  sequence: sql`bigint`,
  bytes: sql`mediumblob`,
  // InnoDB keeps every table so.
  clusteredByKey: sql``,
  shown: {
    view: (name) => name,
    id: sql`lower(insert(insert(insert(insert(hex(id), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-')) as id, id as id_bytes`,
    // Not from_unixtime(), which answers in the time zone of the connection.
    time: (column) => sql`cast('1970-01-01' as datetime(3)) + interval ${sql.ref(column)} * 1000 microsecond`,
  },
};

/**
 * Opens a MySQL or MariaDB database.
 * @throws {DatabaseStartError} when a certificate's file cannot be read
 */
export function openMysql<Tables>(address: ServerAddress, options: DatabaseOptions): Database<Tables> {
  const pool = openPool(address, options);
  let closing: Promise<void> | undefined;
  return databaseOn(options, {
    setting: 'DATABASE_URL',
    location: `mysql://${describeServer(address)}/${address.database}`,
    connections: (timeout) => connectionPool(pool, options, timeout),
    explain: (error) => explain(error, address),
    close: () => {
      closing ??= endPool(pool, options);
      return closing;
    },
  });
}

/** Works on the pool of an application, which closes it itself. */
export function useMysqlPool<Tables>(pool: MysqlPool, options: DatabaseOptions): Database<Tables> {
  return databaseOn(options, {
    ...OF_APPLICATION,
    connections: (timeout) => sharedConnections(pool, options, timeout),
    explain: explainOnPool,
  });
}

type Origin = Pick<Database<unknown>, 'setting' | 'location' | 'explain' | 'close'> & {
  readonly connections: (timeout?: number) => ConnectionPool<MysqlConnection>;
};

function databaseOn<Tables>({ tablePrefix }: DatabaseOptions, origin: Origin): Database<Tables> {
  const { connections: connect, ...rest } = origin;
  const connections = connect();
  const dialect = (chosen: ConnectionPool<MysqlConnection>) => ({
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => pooledDriver(chosen),
    createIntrospector: (database: Kysely<unknown>) => new MysqlIntrospector(database),
    createQueryCompiler: () => new PrefixingCompiler(tablePrefix),
  });
  const queries = new Kysely<Tables>({ dialect: dialect(connections) });
  // Waiting for the schema lock may take longer than the statement timeout.
  const withLongTimeout = new Kysely<Tables>({
    dialect: dialect(connect(SCHEMA_LOCK_SECONDS * 1_000)),
  });
  const transaction: Database<Tables>['transaction'] = (work) =>
    retryConflicts(isConflict, () => queries.transaction().execute(work));
  return {
    ...rest,
    engine: 'mysql',
    queries,
    transaction,
    // Concurrent commits share one wait for the disk, so a separate mode would gain little.
    asyncCommit: { queries, transaction },
    hasOneWriter: false,
    withSchemaLock: (work) =>
      withLongTimeout.connection().execute((connection) => underLock(connection, work)),
    lookUp: (query) => preparePooledLookUp(connections, query),
    isUniqueViolation,
    isRowRefusal,
    refusedBy: async (error) => refusedBy(error),
    isUnavailable,
    forUpdate: sql`for update`,
    onConflictDoNothing: (key) => sql`on duplicate key update ${sql.ref(key)} = ${sql.ref(key)}`,
    joinTexts,
    columns: COLUMNS,
    catalog: catalogOf(tablePrefix),
    readClock: async () => {
      const { rows } = await sql<{ now: number }>`select unix_timestamp(sysdate(3)) * 1000 as now`.execute(
        queries,
      );
      return Number(rows[0]?.now);
    },
    ping: async () => {
      await runOnce(connections, 'select 1', []);
    },
  };
}

// At most `group_concat_max_len` bytes. What it joins is a text to the driver, although the column has bytes.
function joinTexts(column: string): RawBuilder<string | null> {
  return sql`group_concat(convert(concat(${sql.ref(column)}, ' ') using utf8mb4) separator '')`;
}

// MySQL commits each schema change at once, so a lock replaces the transaction.
async function underLock<Tables, Result>(
  connection: Kysely<Tables>,
  work: (queries: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  const lock = sql<{
    locked: number | null;
  }>`select get_lock(${SCHEMA_LOCK}, ${SCHEMA_LOCK_SECONDS}) as locked`;
  const { rows } = await lock.execute(connection);
  if (rows[0]?.locked !== 1)
    throw new DatabaseStartError(
      'DATABASE_URL: another process has been changing the schema for ten minutes',
    );
  try {
    return await work(connection);
  } finally {
    await sql`select release_lock(${SCHEMA_LOCK})`.execute(connection);
  }
}

// The driver says goodbye to every connection, and never finishes with one that hangs. A lost one needs no goodbye.
async function endPool(pool: OwnPool, { connectTimeout, statementTimeout }: PoolLimits): Promise<void> {
  try {
    await waitAtMost(connectTimeout + statementTimeout, pool.end());
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}
