import { namesCreatedBy } from './created-names.ts';
import type * as sql from './database.ts';
import { type ColumnTypes, DatabaseStartError } from './database.ts';

export type StepTables = {
  migrations: {
    number: number;
    name: string;
    applied_at: number;
  };
};

type Database = sql.Database<StepTables>;
type Queries = sql.Queries<StepTables>;

export type Index = {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  /** A second column, which orders the rows that share the first. */
  readonly orderedBy?: string;
};

/** Whether a table has a column already: an interrupted step may have added it. */
export type HasColumn = (table: string, column: string) => Promise<boolean>;

/**
 * One step of the schema. Steps are applied in the order of their numbers and never change once released. A step can be
 * applied again after an interruption: it creates tables `ifNotExists`, and columns and indexes where they are missing.
 */
export type Migration = {
  readonly number: number;
  readonly name: string;
  /** Whether nodes that do not know this step may serve while it is applied and afterwards. */
  readonly oldNodes: 'compatible' | 'stop first';
  readonly up: (queries: Queries, columns: ColumnTypes, hasColumn: HasColumn) => Promise<void>;
  /** Created after `up`. */
  readonly indexes: readonly Index[];
};

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
    if (!(await hasStepsTable(database, queries))) {
      await refuseForeignNames(database, queries, steps);
      await database.catalog.createNamespace(queries);
      await createStepsTable(queries, database.columns);
    }
    const applied = await readAppliedSteps(queries);
    refuseNewerSchema(database, applied, steps);
    const pending = steps.filter(({ number }) => !applied.has(number));
    for (const migration of pending) {
      await migration.up(queries, database.columns, (table, column) =>
        database.catalog.hasColumn(queries, table, column),
      );
      for (const index of migration.indexes) await createMissingIndex(database, queries, index);
      await recordStep(queries, migration, now);
    }
    return pending;
  };
  return explained(database, () => database.withSchemaLock(apply));
}

// MySQL has no “if not exists” for indexes, and keeps those of an interrupted step.
async function createMissingIndex(database: Database, queries: Queries, index: Index): Promise<void> {
  if (!(await database.catalog.hasIndex(queries, index.table, index.name))) await createIndex(queries, index);
}

async function createIndex({ schema }: Queries, { name, table, column, orderedBy }: Index): Promise<void> {
  await schema
    .createIndex(name)
    .on(table)
    .columns(orderedBy === undefined ? [column] : [column, orderedBy])
    .execute();
}

/** Turns an error that the engine can explain into one line. */
async function explained<Result>(database: Database, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof DatabaseStartError ? null : database.explain(error);
    if (reason === null) throw error;
    throw new DatabaseStartError(`${database.setting}: ${reason}`, { cause: error });
  }
}

/**
 * Reads when each known step was applied; changes nothing.
 * @throws {DatabaseStartError} when the database is newer than this program.
 */
export async function migrationStatus(
  database: Database,
  steps: readonly Migration[],
): Promise<readonly MigrationStatus[]> {
  return explained(database, () => readStatus(database, steps));
}

/**
 * Checks that the schema is the one that this program knows; changes nothing.
 * @param why why it is not migrated now, for the error's message
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
    `${database.setting}: the database lacks schema step ${numbers}, and ${why}; run: latchkey migrate --up`,
  );
}

/**
 * Checks that no copy into the database was interrupted. The schema must be there.
 * @throws {DatabaseStartError} when one was: a server must not use half of the data
 */
export async function refuseUnfinishedCopy(database: Database): Promise<void> {
  if ((await explained(database, () => findUnfinishedCopy(database.queries))) === null) return;
  throw new DatabaseStartError(
    `${database.setting}: a copy into this database was not finished; run the same latchkey copy again, and it goes on`,
  );
}

async function readStatus(
  database: Database,
  steps: readonly Migration[],
): Promise<readonly MigrationStatus[]> {
  const { queries } = database;
  const isRecorded = await hasStepsTable(database, queries);
  const applied = isRecorded ? await readAppliedSteps(queries) : new Map<number, number>();
  refuseNewerSchema(database, applied, steps);
  return steps.map(({ number, name }) => ({ number, name, appliedAt: applied.get(number) ?? null }));
}

function refuseNewerSchema(
  { setting }: Database,
  applied: ReadonlyMap<number, number>,
  steps: readonly Migration[],
): void {
  const known = new Set(steps.map(({ number }) => number));
  const unknown = [...applied.keys()].filter((number) => !known.has(number));
  if (unknown.length === 0) return;
  throw new DatabaseStartError(
    `${setting}: the database was made by a newer Latchkey (schema step ${Math.max(...unknown)}); run that version or restore an older backup`,
  );
}

/**
 * The number under which an unfinished copy into this database is recorded. Steps begin with 1, so a version that does
 * not know copies refuses the database as well.
 */
const UNFINISHED_COPY = 0;

type Step = { readonly number: number; readonly name: string };

/** The table of steps, as Latchkey makes it. Other software has tables of this name, too. */
const STEPS_TABLE = { name: 'migrations', columns: ['number', 'name', 'applied_at'] } as const;

async function hasStepsTable(database: Database, queries: Queries): Promise<boolean> {
  const { name, columns } = STEPS_TABLE;
  for (const column of columns) if (!(await database.catalog.hasColumn(queries, name, column))) return false;
  return true;
}

/** The names of the tables, views and indexes that steps create in an empty database. */
function namesOf(steps: readonly Migration[], columns: ColumnTypes): Promise<readonly string[]> {
  return namesCreatedBy<StepTables>(async (queries) => {
    await createStepsTable(queries, columns);
    for (const { up, indexes } of steps) {
      await up(queries, columns, async () => false);
      for (const index of indexes) await createIndex(queries, index);
    }
  });
}

/** @throws {DatabaseStartError} naming every table, view and index that the steps would create and that is there already */
async function refuseForeignNames(
  { catalog, columns, setting }: Database,
  queries: Queries,
  steps: readonly Migration[],
): Promise<void> {
  const foreign = await catalog.findExisting(queries, await namesOf(steps, columns));
  if (foreign.length === 0) return;
  const list = foreign.toSorted().map((name) => `“${catalog.nameOf(name)}”`);
  const problem = list.length === 1 ? 'already exists and was' : 'already exist and were';
  throw new DatabaseStartError(
    `${setting}: ${list.join(', ')} ${problem} not created by Latchkey; ${catalog.advice}`,
  );
}

async function createStepsTable({ schema }: Queries, columns: ColumnTypes): Promise<void> {
  await schema
    .createTable('migrations')
    .addColumn('number', columns.number, (column) => column.primaryKey())
    .addColumn('name', columns.text(100), (column) => column.notNull())
    .addColumn('applied_at', columns.time, (column) => column.notNull())
    .execute();
}

/** The numbers of the applied steps, each with its time. The table of steps must exist. */
async function readAppliedSteps(queries: Queries): Promise<ReadonlyMap<number, number>> {
  const rows = await queries
    .selectFrom('migrations')
    .select(['number', 'applied_at'])
    .where('number', '!=', UNFINISHED_COPY)
    .execute();
  return new Map(rows.map((row) => [row.number, row.applied_at]));
}

export async function recordStep(queries: Queries, { number, name }: Step, now: number): Promise<void> {
  await queries.insertInto('migrations').values({ number, name, applied_at: now }).execute();
}

/** The source of an unfinished copy into this database, or null. The table of steps must exist. */
export async function findUnfinishedCopy(queries: Queries): Promise<string | null> {
  const row = await queries
    .selectFrom('migrations')
    .select('name')
    .where('number', '=', UNFINISHED_COPY)
    .executeTakeFirst();
  return row?.name ?? null;
}

/** @param source identifies the source, in at most 100 characters */
export function recordUnfinishedCopy(queries: Queries, source: string, now: number): Promise<void> {
  return recordStep(queries, { number: UNFINISHED_COPY, name: source }, now);
}

export async function recordFinishedCopy(queries: Queries): Promise<void> {
  await queries.deleteFrom('migrations').where('number', '=', UNFINISHED_COPY).execute();
}
