import type { ColumnTypes } from './columns.ts';
import type * as sql from './database.ts';

export type StepTables = {
  schema_migrations: {
    number: number;
    name: string;
    applied_at: number;
  };
};

type Queries = sql.Queries<StepTables>;

/**
 * Where a step would have its number, an unfinished copy into this database is noted. Steps begin with 1, so also
 * a program that knows nothing of copies refuses the database.
 */
const UNFINISHED_COPY = 0;

type Step = { readonly number: number; readonly name: string };

export async function createStepsTable({ schema }: Queries, columns: ColumnTypes): Promise<void> {
  await schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('number', columns.number, (column) => column.primaryKey())
    .addColumn('name', columns.text(100), (column) => column.notNull())
    .addColumn('applied_at', columns.time, (column) => column.notNull())
    .execute();
}

/** The numbers of the steps that the schema has gone, each with its time. The table of steps must be there. */
export async function appliedSteps(queries: Queries): Promise<ReadonlyMap<number, number>> {
  const rows = await queries
    .selectFrom('schema_migrations')
    .select(['number', 'applied_at'])
    .where('number', '!=', UNFINISHED_COPY)
    .execute();
  return new Map(rows.map((row) => [row.number, row.applied_at]));
}

export async function noteStep(queries: Queries, { number, name }: Step, now: number): Promise<void> {
  await queries.insertInto('schema_migrations').values({ number, name, applied_at: now }).execute();
}

/**
 * The source of the copy into this database that is not finished, or null. The table of steps must be there.
 */
export async function unfinishedCopy(queries: Queries): Promise<string | null> {
  const row = await queries
    .selectFrom('schema_migrations')
    .select('name')
    .where('number', '=', UNFINISHED_COPY)
    .executeTakeFirst();
  return row?.name ?? null;
}

/** @param source what tells it from others, in at most 100 characters */
export function noteUnfinishedCopy(queries: Queries, source: string, now: number): Promise<void> {
  return noteStep(queries, { number: UNFINISHED_COPY, name: source }, now);
}

export async function noteFinishedCopy(queries: Queries): Promise<void> {
  await queries.deleteFrom('schema_migrations').where('number', '=', UNFINISHED_COPY).execute();
}
