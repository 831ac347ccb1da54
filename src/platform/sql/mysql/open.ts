import { Kysely, MysqlAdapter, MysqlIntrospector, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { waitAtMost } from '../../runtime/index.ts';
import type { ColumnTypes, Database, DatabaseOptions, PoolLimits } from '../database.ts';
import { changeTrialRow } from '../leases.ts';
import type { MysqlConnection, MysqlPool } from '../pool-types.ts';
import {
  type ConnectionPool,
  OF_APPLICATION,
  pooledDriver,
  preparePooledLookUp,
  useConnection,
} from '../pooled-driver.ts';
import { describeServer, type ServerAddress } from '../server-address.ts';
import { retryConflicts } from '../transactions.ts';
import { createWriteWatch, WritesRefused } from '../write-watch.ts';
import { catalogOf } from './catalog.ts';
import { findClusterRisks } from './cluster-risks.ts';
import {
  explain,
  explainOnPool,
  isConflict,
  isLost,
  isReadOnly,
  isRowRefusal,
  isStorageFault,
  isUnavailable,
  isUniqueViolation,
  refusedBy,
} from './errors.ts';
import { connectionPool, type OwnPool, openPool, sharedConnections } from './pool.ts';
import { PrefixingCompiler } from './query-compiler.ts';
import { SCHEMA_LOCK_SECONDS, underSchemaLock } from './schema-lock.ts';

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
  const { connections: open, ...rest } = origin;
  const writes = createWriteWatch({ isReadOnly, isStorageFault });
  const connect = (timeout?: number) => writes.watch(open(timeout), ({ connection }) => connection);
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
      withLongTimeout.connection().execute((connection) => underSchemaLock(connection, queries, work)),
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
    findRisks: () => findClusterRisks(queries),
    ping: async () => {
      await writes.noting(
        useConnection(connections, (connection) => refuseReadOnly(connections, connection)),
      );
      await writes.retry(() => changeTrialRow(queries, isUniqueViolation));
    },
  };
}

const variables = z.array(z.object({ Variable_name: z.string(), Value: z.string() }));

// MySQL and MariaDB have not all of them, and `show` leaves out what is missing. A user with all rights may write to a
// replica all the same, which would lose what is written; so the variables decide.
const STATE = `show variables where variable_name in
  ('read_only', 'super_read_only', 'innodb_read_only', 'offline_mode', 'transaction_read_only', 'tx_read_only', 'wsrep_on')`;

/** @throws {WritesRefused} on a server that only reads, or a node of Galera without its cluster */
async function refuseReadOnly(
  { run }: ConnectionPool<MysqlConnection>,
  connection: MysqlConnection,
): Promise<void> {
  const read = async (text: string) => variables.parse((await run(connection, text, [])).rows);
  // Later versions of MariaDB have more values than ON.
  const on = (await read(STATE)).flatMap(({ Variable_name, Value }) =>
    Value === 'OFF' ? [] : [Variable_name],
  );
  const readOnly = on.filter((name) => name !== 'wsrep_on');
  if (readOnly.length > 0) throw new WritesRefused(`it is read-only: ${readOnly.join(', ')} is on`);
  if (!on.includes('wsrep_on')) return;
  const [ready] = await read("show status like 'wsrep_ready'");
  if (ready?.Value !== 'ON')
    throw new WritesRefused('this node of the Galera cluster is not ready: it has no majority, or joins');
}

// At most `group_concat_max_len` bytes. What it joins is a text to the driver, although the column has bytes.
function joinTexts(column: string): RawBuilder<string | null> {
  return sql`group_concat(convert(concat(${sql.ref(column)}, ' ') using utf8mb4) separator '')`;
}

// The driver says goodbye to every connection, and never finishes with one that hangs. A lost one needs no goodbye.
async function endPool(pool: OwnPool, { connectTimeout, statementTimeout }: PoolLimits): Promise<void> {
  try {
    await waitAtMost(connectTimeout + statementTimeout, pool.end());
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}
