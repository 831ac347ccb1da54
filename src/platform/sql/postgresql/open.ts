import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Database, LookUp, PoolLimits } from '../database.ts';
import { type ConnectionPool, pooledDriver } from '../pooled-driver.ts';
import { retryConflicts } from '../retry.ts';
import { placeOf, type ServerAddress } from '../server-address.ts';
import { postgresqlColumns } from './columns.ts';
import { explain, isConflict, isRowRefusal, isUnavailable, isUniqueViolation } from './errors.ts';
import { connectionPool, nameOf, openPool } from './pool.ts';

// Any number that other programs on the same database are unlikely to lock by.
const SCHEMA_LOCK = 7_041_862_015;
const SCHEMA_LOCK_MINUTES = 10;

/**
 * Opens a PostgreSQL database, or one that speaks its protocol.
 * @throws {DatabaseStartError} when a certificate's file cannot be read
 */
export function openPostgresql<Tables>(address: ServerAddress, limits: PoolLimits): Database<Tables> {
  const pool = openPool(address, limits);
  const dialect = (connections: ConnectionPool<PoolClient>) => ({
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => pooledDriver(connections),
    createIntrospector: (database: Kysely<unknown>) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  });
  const queries = new Kysely<Tables>({ dialect: dialect(connectionPool(pool)) });
  // Whoever waits for others' steps may wait longer than a statement otherwise may take.
  const patience = (SCHEMA_LOCK_MINUTES + 1) * 60_000;
  const patient = new Kysely<Tables>({ dialect: dialect(connectionPool(pool, patience)) });
  const transaction: Database<Tables>['transaction'] = (work) =>
    retryConflicts(isConflict, () => queries.transaction().execute(work));
  let closing: Promise<void> | undefined;
  return {
    engine: 'postgresql',
    location: `postgres://${placeOf(address)}/${address.database}`,
    queries,
    transaction,
    // Commits that come at once wait for the disk together.
    hasty: queries,
    hastyTransaction: transaction,
    hasOneWriter: false,
    exclusively: (work) =>
      patient.transaction().execute(async (transaction) => {
        await sql`set local statement_timeout = 0`.execute(transaction);
        await sql`set local lock_timeout = ${sql.lit(`${SCHEMA_LOCK_MINUTES}min`)}`.execute(transaction);
        await sql`select pg_advisory_xact_lock(${sql.lit(SCHEMA_LOCK)})`.execute(transaction);
        return work(transaction);
      }),
    lookUp: (query) => namedLookUp(pool, query),
    isUniqueViolation,
    isRowRefusal,
    isUnavailable,
    explain: (error) => explain(error, address),
    lockingRows: sql`for update`,
    unlessThere: () => sql`on conflict do nothing`,
    columns: postgresqlColumns,
    hasColumn: async (on, table, column) => {
      const found = sql`select 1 from information_schema.columns
        where table_schema = current_schema() and table_name = ${table} and column_name = ${column}`;
      return (await found.execute(on)).rows.length > 0;
    },
    hasIndex: async (on, name) => {
      const found = sql`select 1 from pg_indexes where schemaname = current_schema() and indexname = ${name}`;
      return (await found.execute(on)).rows.length > 0;
    },
    ping: async () => {
      await pool.query('select 1');
    },
    close: () => {
      // Not by way of Kysely, which ends no pool that it has not used itself.
      closing ??= pool.end();
      return closing;
    },
  };
}

function namedLookUp<Row>(pool: Pool, query: CompiledQuery<Row>): LookUp<Row> {
  const name = nameOf(query.sql);
  return async (...parameters) => {
    // The row has the shape that Kysely derived from the schema for this very statement.
    const { rows } = await pool.query({ name, text: query.sql, values: [...parameters] });
    return rows[0] as Row | undefined;
  };
}
