import { Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, sql } from 'kysely';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { waitAtMost } from '../../runtime/wait-at-most.ts';
import { type Database, DatabaseStartError, type LookUp, type PoolLimits } from '../database.ts';
import { type ConnectionPool, pooledDriver, runOnce } from '../pooled-driver.ts';
import { retryConflicts } from '../retry.ts';
import { placeOf, type ServerAddress } from '../server-address.ts';
import { mysqlColumns } from './columns.ts';
import { explain, isConflict, isLost, isRowRefusal, isUnavailable, isUniqueViolation } from './errors.ts';
import { connectionPool, openPool } from './pool.ts';

const SCHEMA_LOCK = 'latchkey schema';
const SCHEMA_LOCK_SECONDS = 600;

/**
 * Opens a MySQL or MariaDB database.
 * @throws {DatabaseStartError} when a certificate's file cannot be read
 */
export function openMysql<Tables>(address: ServerAddress, limits: PoolLimits): Database<Tables> {
  const pool = openPool(address, limits);
  const connections = connectionPool(pool, limits);
  const dialect = (chosen: ConnectionPool<PoolConnection>) => ({
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => pooledDriver(chosen),
    createIntrospector: (database: Kysely<unknown>) => new MysqlIntrospector(database),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  });
  const queries = new Kysely<Tables>({ dialect: dialect(connections) });
  // Whoever waits for others' steps may wait longer than a statement otherwise may take.
  const patient = new Kysely<Tables>({
    dialect: dialect(connectionPool(pool, limits, SCHEMA_LOCK_SECONDS * 1_000)),
  });
  const transaction: Database<Tables>['transaction'] = (work) =>
    retryConflicts(isConflict, () => queries.transaction().execute(work));
  let closing: Promise<void> | undefined;
  return {
    engine: 'mysql',
    location: `mysql://${placeOf(address)}/${address.database}`,
    queries,
    transaction,
    // Commits that come at once wait for the disk together.
    hasty: queries,
    hastyTransaction: transaction,
    hasOneWriter: false,
    exclusively: (work) => patient.connection().execute((connection) => underLock(connection, work)),
    lookUp: (query) => preparedLookUp(connections, query.sql),
    isUniqueViolation,
    isRowRefusal,
    isUnavailable,
    explain: (error) => explain(error, address),
    lockingRows: sql`for update`,
    unlessThere: (key) => sql`on duplicate key update ${sql.ref(key)} = ${sql.ref(key)}`,
    columns: mysqlColumns,
    hasColumn: async (on, table, column) => {
      const found = sql`select 1 from information_schema.columns
        where table_schema = database() and table_name = ${table} and column_name = ${column}`;
      return (await found.execute(on)).rows.length > 0;
    },
    hasIndex: async (on, name) => {
      const found = sql`select 1 from information_schema.statistics
        where table_schema = database() and index_name = ${name}`;
      return (await found.execute(on)).rows.length > 0;
    },
    ping: async () => {
      await runOnce(connections, 'select 1', []);
    },
    close: () => {
      // Not by way of Kysely, which ends no pool that it has not used itself.
      closing ??= endPool(pool, limits);
      return closing;
    },
  };
}

// MySQL keeps each change of the schema at once, so a lock has to do what elsewhere a transaction does.
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

// The driver takes leave of every connection, and of one that hangs never. What is lost need not be ended.
async function endPool(pool: Pool, { connectTimeout, statementTimeout }: PoolLimits): Promise<void> {
  try {
    await waitAtMost(connectTimeout + statementTimeout, pool.end());
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}

function preparedLookUp<Row>(connections: ConnectionPool<PoolConnection>, text: string): LookUp<Row> {
  return async (...parameters) => {
    const { rows } = await runOnce(connections, text, parameters);
    // The row has the shape that Kysely derived from the schema for this very statement.
    return rows[0] as Row | undefined;
  };
}
