import { Kysely, PostgresAdapter, PostgresIntrospector, sql } from 'kysely';
import { z } from 'zod';
import type { ColumnTypes, Database, DatabaseOptions, Queries, Risk } from '../database.ts';
import { changeTrialRow } from '../leases.ts';
import type { PostgresqlClient, PostgresqlPool } from '../pool-types.ts';
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
import {
  explain,
  explainOnPool,
  isConflict,
  isReadOnly,
  isRowRefusal,
  isStorageFault,
  isUnavailable,
  isUniqueViolation,
  refusedBy,
} from './errors.ts';
import { connectionPool, openPool, sharedConnections } from './pool.ts';
import { QualifyingCompiler } from './query-compiler.ts';

// An arbitrary number that other software on the same database is unlikely to use.
const SCHEMA_LOCK = 7_041_862_015;
const SCHEMA_LOCK_MINUTES = 10;

const COLUMNS: ColumnTypes = {
  // Fixed in size, and what an application's own tables refer to. It is read and written as bytes (values.ts).
  id: sql`uuid`,
  hash: sql`bytea`,
  time: sql`bigint`,
  text: (maxCharacters) => sql`varchar(${sql.lit(maxCharacters)})`,
  // The collation C compares bytes, so an index stays valid in every locale and after an update of the system's locales.
  key: (maxBytes) => sql`varchar(${sql.lit(maxBytes)}) collate "C"`,
  number: sql`integer`,
  sequence: sql`bigint`,
  bytes: sql`bytea`,
  // PostgreSQL keeps rows in a heap.
  clusteredByKey: sql``,
  shown: {
    view: (name) => name,
    id: sql.ref('id'),
    time: (column) => sql`to_timestamp(${sql.ref(column)} / 1000.0)`,
  },
};

/**
 * Opens a PostgreSQL database, or one that speaks its protocol.
 * @throws {DatabaseStartError} when a certificate's file cannot be read
 */
export function openPostgresql<Tables>(address: ServerAddress, options: DatabaseOptions): Database<Tables> {
  const pool = openPool(address, options);
  let closing: Promise<void> | undefined;
  return databaseOn(options, {
    setting: 'DATABASE_URL',
    location: `postgres://${describeServer(address)}/${address.database}`,
    connections: (timeout, isNamed) => connectionPool(pool, timeout, isNamed),
    explain: (error) => explain(error, address),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  });
}

/** Works on the pool of an application, which closes it itself. */
export function usePostgresqlPool<Tables>(pool: PostgresqlPool, options: DatabaseOptions): Database<Tables> {
  return databaseOn(options, {
    ...OF_APPLICATION,
    connections: (timeout, isNamed) => sharedConnections(pool, options, timeout, isNamed),
    explain: explainOnPool,
  });
}

type Origin = Pick<Database<unknown>, 'setting' | 'location' | 'explain' | 'close'> & {
  readonly connections: (timeout?: number, isNamed?: boolean) => ConnectionPool<PostgresqlClient>;
};

function databaseOn<Tables>({ schema }: DatabaseOptions, origin: Origin): Database<Tables> {
  const { connections: open, ...rest } = origin;
  const writes = createWriteWatch({ isReadOnly, isStorageFault });
  const connect = (timeout?: number, isNamed?: boolean) => writes.watch(open(timeout, isNamed));
  const connections = connect();
  const dialect = (connections: ConnectionPool<PostgresqlClient>) => ({
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => pooledDriver(connections),
    createIntrospector: (database: Kysely<unknown>) => new PostgresIntrospector(database),
    createQueryCompiler: () => new QualifyingCompiler(schema),
  });
  const queries = new Kysely<Tables>({ dialect: dialect(connections) });
  // Waiting for the schema lock may take longer than the statement timeout. The transaction is not run again, so that none of
  // its statements may be one that a pooler has forgotten.
  const timeout = (SCHEMA_LOCK_MINUTES + 1) * 60_000;
  const withLongTimeout = new Kysely<Tables>({ dialect: dialect(connect(timeout, false)) });
  const transaction: Database<Tables>['transaction'] = (work) =>
    retryConflicts(isConflict, () => queries.transaction().execute(work));
  return {
    ...rest,
    engine: 'postgresql',
    queries,
    transaction,
    // Concurrent commits share one wait for the disk, so a separate mode would gain little.
    asyncCommit: { queries, transaction },
    hasOneWriter: false,
    withSchemaLock: (work) =>
      withLongTimeout.transaction().execute(async (transaction) => {
        await sql`set local statement_timeout = 0`.execute(transaction);
        await sql`set local lock_timeout = ${sql.lit(`${SCHEMA_LOCK_MINUTES}min`)}`.execute(transaction);
        await sql`select pg_advisory_xact_lock(${sql.lit(SCHEMA_LOCK)})`.execute(transaction);
        return work(transaction);
      }),
    lookUp: (query) => preparePooledLookUp(connections, query),
    isUniqueViolation,
    isRowRefusal,
    refusedBy: async (error) => refusedBy(error),
    isUnavailable,
    forUpdate: sql`for update`,
    onConflictDoNothing: () => sql`on conflict do nothing`,
    columns: COLUMNS,
    catalog: catalogOf(schema),
    readClock: () => readClock(queries),
    joinTexts: (column) => sql`string_agg(${sql.ref(column)} || ' ', '')`,
    findRisks: () => findRisks(queries),
    ping: async () => {
      await writes.noting(
        useConnection(connections, (connection) => refuseReadOnly(connections, connection)),
      );
      await writes.retry(() => changeTrialRow(queries, isUniqueViolation));
    },
  };
}

const state = z.tuple([z.object({ is_read_only: z.string() })]);

/** @throws {WritesRefused} on a server that only reads, where every transaction begins so */
async function refuseReadOnly(
  { run }: ConnectionPool<PostgresqlClient>,
  connection: PostgresqlClient,
): Promise<void> {
  const { rows } = await run(connection, 'select current_setting($1) as is_read_only', [
    'transaction_read_only',
  ]);
  if (state.parse(rows)[0].is_read_only === 'off') return;
  throw new WritesRefused('it is read-only: a standby, or default_transaction_read_only is on');
}

async function findRisks<Tables>(queries: Queries<Tables>): Promise<readonly Risk[]> {
  const setting = sql<{ value: string }>`select current_setting('synchronous_commit') as value`;
  if ((await setting.execute(queries)).rows[0]?.value !== 'off') return [];
  const fix = 'set synchronous_commit = on for this database';
  return [{ what: 'synchronous_commit is off, so a crash undoes the last confirmed changes', fix }];
}

async function readClock<Tables>(queries: Kysely<Tables>): Promise<number> {
  // Not now(), which is the time at which a transaction began.
  const clock = sql<{ now: string }>`select extract(epoch from clock_timestamp()) * 1000 as now`;
  return Number((await clock.execute(queries)).rows[0]?.now);
}
