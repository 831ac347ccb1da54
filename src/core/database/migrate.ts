import type { Transaction } from 'kysely';
import type { ColumnTypes } from './columns.ts';
import { type Database, DatabaseStartError } from './database.ts';
import type { Migration } from './migration.ts';
import { accountsPasswordsSessions } from './migrations/001-accounts-passwords-sessions.ts';
import type { Queries, Schema } from './schema.ts';

const migrations: readonly Migration[] = [accountsPasswordsSessions];

export type MigrationStatus = {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: number | null;
};

/**
 * Brings the schema up to date, each step once, all in one transaction that other processes wait for.
 * @returns the steps that this call applied
 * @throws {DatabaseStartError} when the database is newer than this program.
 */
export async function migrate(database: Database, now: number): Promise<readonly Migration[]> {
  return database.transaction(async (transaction) => {
    await createMigrationTable(transaction, database.columns);
    const applied = await appliedNumbers(transaction);
    refuseNewerSchema(applied);
    const pending = migrations.filter((migration) => !applied.has(migration.number));
    for (const migration of pending) {
      await migration.up(transaction, database.columns);
      const { number, name } = migration;
      await transaction.insertInto('schema_migrations').values({ number, name, applied_at: now }).execute();
    }
    return pending;
  });
}

/**
 * Tells of each known step whether and when it was applied, changing nothing.
 * @throws {DatabaseStartError} when the database is newer than this program.
 */
export async function migrationStatus({ queries }: Database): Promise<readonly MigrationStatus[]> {
  const tables = await queries.introspection.getTables();
  const isRecorded = tables.some(({ name }) => name === 'schema_migrations');
  const applied = isRecorded ? await appliedNumbers(queries) : new Map<number, number>();
  refuseNewerSchema(applied);
  return migrations.map(({ number, name }) => ({ number, name, appliedAt: applied.get(number) ?? null }));
}

async function createMigrationTable(transaction: Transaction<Schema>, columns: ColumnTypes): Promise<void> {
  await transaction.schema
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
