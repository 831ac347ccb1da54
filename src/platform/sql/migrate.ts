import {
  appliedSteps,
  createStepsTable,
  noteStep,
  type StepTables,
  unfinishedCopy,
} from './applied-steps.ts';
import type * as sql from './database.ts';
import { DatabaseStartError } from './database.ts';
import type { Index, Migration } from './migration.ts';

type Database = sql.Database<StepTables>;
type Queries = sql.Queries<StepTables>;

export type MigrationStatus = {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: number | null;
};

/**
 * Brings the schema up to date, each step once, while other processes wait.
 * @param steps all steps that this program knows, in order
 * @returns the steps that this call applied
 * @throws {DatabaseStartError} when the database is newer than this program, or cannot be used.
 */
export async function migrate(
  database: Database,
  steps: readonly Migration[],
  now: number,
): Promise<readonly Migration[]> {
  const apply = async (queries: Queries) => {
    await createStepsTable(queries, database.columns);
    const applied = await appliedSteps(queries);
    refuseNewerSchema(applied, steps);
    const pending = steps.filter(({ number }) => !applied.has(number));
    for (const migration of pending) {
      await migration.up(queries, database.columns, (table, column) =>
        database.hasColumn(queries, table, column),
      );
      for (const index of migration.indexes) await createMissingIndex(database, queries, index);
      await noteStep(queries, migration, now);
    }
    return pending;
  };
  return explained(database, () => database.exclusively(apply));
}

// MySQL has no “if not exists” for these, and keeps what an interrupted step has made.
async function createMissingIndex(
  database: Database,
  queries: Queries,
  { name, table, column, orderedBy }: Index,
): Promise<void> {
  if (await database.hasIndex(queries, name)) return;
  await queries.schema
    .createIndex(name)
    .on(table)
    .columns(orderedBy === undefined ? [column] : [column, orderedBy])
    .execute();
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
export async function migrationStatus(
  database: Database,
  steps: readonly Migration[],
): Promise<readonly MigrationStatus[]> {
  return explained(database, () => readStatus(database.queries, steps));
}

/**
 * Checks that the schema is the one that this program knows, changing nothing.
 * @param why why nobody changes it now, for the error's message
 * @throws {DatabaseStartError} when it is older or newer
 */
export async function checkSchema(
  database: Database,
  steps: readonly Migration[],
  why = 'MIGRATE is manual',
): Promise<void> {
  const pending = (await migrationStatus(database, steps)).filter(({ appliedAt }) => appliedAt === null);
  if (pending.length === 0) return;
  const numbers = pending.map(({ number }) => number).join(', ');
  throw new DatabaseStartError(
    `DATABASE_URL: the database lacks schema step ${numbers}, and ${why}; run: latchkey migrate --up`,
  );
}

/**
 * Checks that no copy into the database was interrupted. The schema must be there.
 * @throws {DatabaseStartError} when one was, so that nobody is served from half of the data
 */
export async function refuseUnfinishedCopy(database: Database): Promise<void> {
  if ((await explained(database, () => unfinishedCopy(database.queries))) === null) return;
  throw new DatabaseStartError(
    'DATABASE_URL: a copy into this database was not finished; run the same latchkey copy again, and it goes on',
  );
}

async function readStatus(
  queries: Queries,
  steps: readonly Migration[],
): Promise<readonly MigrationStatus[]> {
  const tables = await queries.introspection.getTables();
  const isRecorded = tables.some(({ name }) => name === 'schema_migrations');
  const applied = isRecorded ? await appliedSteps(queries) : new Map<number, number>();
  refuseNewerSchema(applied, steps);
  return steps.map(({ number, name }) => ({ number, name, appliedAt: applied.get(number) ?? null }));
}

function refuseNewerSchema(applied: ReadonlyMap<number, number>, steps: readonly Migration[]): void {
  const known = new Set(steps.map(({ number }) => number));
  const unknown = [...applied.keys()].filter((number) => !known.has(number));
  if (unknown.length === 0) return;
  throw new DatabaseStartError(
    `DATABASE_URL: the database was made by a newer Latchkey (schema step ${Math.max(...unknown)}); run that version or restore an older backup`,
  );
}
