import type { ColumnTypes } from './columns.ts';
import { type Database, DatabaseStartError } from './database.ts';
import type { Index, Migration } from './migration.ts';
import { migrations } from './migrations/all.ts';
import type { Queries } from './schema.ts';

export type MigrationStatus = {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: number | null;
};

/**
 * Brings the schema up to date, each step once, while other processes wait.
 * @param last the number of the last step to apply; all of them where nothing is said
 * @returns the steps that this call applied
 * @throws {DatabaseStartError} when the database is newer than this program, or cannot be used.
 */
export async function migrate(
  database: Database,
  now: number,
  last: number = Number.POSITIVE_INFINITY,
): Promise<readonly Migration[]> {
  const apply = async (queries: Queries) => {
    await createMigrationTable(queries, database.columns);
    const applied = await appliedNumbers(queries);
    refuseNewerSchema(applied);
    const pending = migrations.filter(({ number }) => number <= last && !applied.has(number));
    for (const migration of pending) {
      await migration.up(queries, database.columns);
      for (const index of migration.indexes) await createMissingIndex(database, queries, index);
      const { number, name } = migration;
      await queries.insertInto('schema_migrations').values({ number, name, applied_at: now }).execute();
    }
    return pending;
  };
  return explained(database, () => database.exclusively(apply));
}

// MySQL has no “if not exists” for these, and keeps what an interrupted step has made.
async function createMissingIndex(
  database: Database,
  queries: Queries,
  { name, table, column }: Index,
): Promise<void> {
  if (await database.hasIndex(queries, name)) return;
  await queries.schema.createIndex(name).on(table).column(column).execute();
}

/** At start, what keeps the database from being used is told in one line. */
async function explained<Result>(database: Database, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof DatabaseStartError ? null : database.explain(error);
    if (reason === null) throw error;
    throw new DatabaseStartError(`DATABASE_URL: ${reason}`, { cause: error });
  }
}

/**
 * Tells of each known step whether and when it was applied, changing nothing.
 * @throws {DatabaseStartError} when the database is newer than this program.
 */
export async function migrationStatus(database: Database): Promise<readonly MigrationStatus[]> {
  return explained(database, () => readStatus(database.queries));
}

/**
 * Checks that the schema is the one that this program knows, changing nothing.
 * @throws {DatabaseStartError} when it is older or newer
 */
export async function checkSchema(database: Database): Promise<void> {
  const pending = (await migrationStatus(database)).filter(({ appliedAt }) => appliedAt === null);
  if (pending.length === 0) return;
  const steps = pending.map(({ number }) => number).join(', ');
  throw new DatabaseStartError(
    `DATABASE_URL: the database lacks schema step ${steps}, and MIGRATE is manual; run: latchkey migrate --up`,
  );
}

async function readStatus(queries: Queries): Promise<readonly MigrationStatus[]> {
  const tables = await queries.introspection.getTables();
  const isRecorded = tables.some(({ name }) => name === 'schema_migrations');
  const applied = isRecorded ? await appliedNumbers(queries) : new Map<number, number>();
  refuseNewerSchema(applied);
  return migrations.map(({ number, name }) => ({ number, name, appliedAt: applied.get(number) ?? null }));
}

async function createMigrationTable(queries: Queries, columns: ColumnTypes): Promise<void> {
  await queries.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('number', columns.number, (column) => column.primaryKey())
    .addColumn('name', columns.text(100), (column) => column.notNull())
    .addColumn('applied_at', columns.time, (column) => column.notNull())
    .execute();
}

async function appliedNumbers(queries: Queries): Promise<ReadonlyMap<number, number>> {
  const rows = await queries.selectFrom('schema_migrations').select(['number', 'applied_at']).execute();
  return new Map(rows.map((row) => [row.number, row.applied_at]));
}

function refuseNewerSchema(applied: ReadonlyMap<number, number>): void {
  const known = new Set(migrations.map((migration) => migration.number));
  const unknown = [...applied.keys()].filter((number) => !known.has(number));
  if (unknown.length === 0) return;
  throw new DatabaseStartError(
    `DATABASE_URL: the database was made by a newer Latchkey (schema step ${Math.max(...unknown)}); run that version or restore an older backup`,
  );
}
