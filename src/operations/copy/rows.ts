import { sql } from 'kysely';
import type { Database } from '../../auth/schema.ts';
import { limitTo } from '../../platform/sql/index.ts';
import { CopyError, query, type Side } from './side.ts';
import type { ColumnKind, Table } from './tables.ts';

export type Value = Uint8Array | string | number | null;

/** A row, with its values in the order of the table's columns. */
export type Row = readonly Value[];

/** A row as an engine returns it. */
type Found = Readonly<Record<string, unknown>>;

/** The number of rows that are read, written and committed at once. */
const BATCH = 1_000;
// https://www.sqlite.org/limits.html#max_variable_number; the other engines take 65,535.
const MOST_VALUES_IN_A_STATEMENT = 32_766;

function batchSize({ columns }: Table): number {
  return Math.min(BATCH, Math.floor(MOST_VALUES_IN_A_STATEMENT / Object.keys(columns).length));
}

export async function countRows(side: Side, { name }: Table): Promise<number> {
  const counting = sql<{ count: number }>`select count(*) as ${sql.ref('count')} from ${sql.table(name)}`;
  const { rows } = await query(side, ({ queries }) => counting.execute(queries));
  return rows[0]?.count ?? 0;
}

/** The largest key of a table, or null if it is empty. */
export async function largestKey(side: Side, table: Table): Promise<Value> {
  const [key, name] = [sql.ref(table.key), sql.table(table.name)];
  const looking = sql<Found>`select ${key} from ${name} order by ${key} desc limit 1`;
  const { rows } = await query(side, ({ queries }) => looking.execute(queries));
  return rows[0] === undefined ? null : checked(side, table, table.key, rows[0][table.key]);
}

/** Reads a table in the order of its keys, in batches, starting after a key, or at the first row for null. */
export async function* batches(side: Side, table: Table, behind: Value): AsyncGenerator<readonly Row[]> {
  const keyAt = Object.keys(table.columns).indexOf(table.key);
  for (let last = behind; ; ) {
    const rows = await query(side, (database) => readBatch(database, table, last));
    const batch = rows.map((row) =>
      Object.keys(table.columns).map((column) => checked(side, table, column, row[column])),
    );
    if (batch.length > 0) yield batch;
    if (batch.length < batchSize(table)) return;
    last = batch.at(-1)?.[keyAt] ?? null;
  }
}

async function readBatch({ queries }: Database, table: Table, behind: Value): Promise<readonly Found[]> {
  const [key, name] = [sql.ref(table.key), sql.table(table.name)];
  const further = behind === null ? sql`` : sql`where ${key} > ${behind}`;
  const size = limitTo(batchSize(table));
  const reading = sql<Found>`select ${columnList(table)} from ${name} ${further} order by ${key} limit ${size}`;
  return (await reading.execute(queries)).rows;
}

/** Writes one batch with one statement, so either all rows are written or none. @throws {CopyError} if it is refused */
export async function insertRows(side: Side, table: Table, rows: readonly Row[]): Promise<void> {
  const values = sql.join(rows.map((row) => sql`(${sql.join([...row])})`));
  const inserting = sql`insert into ${sql.table(table.name)} (${columnList(table)}) values ${values}`;
  await query(side, async ({ queries, isRowRefusal }) => {
    try {
      await inserting.execute(queries);
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
      const advice = 'was one of the two in use? Stop what writes to them, empty the target and copy again';
      throw new CopyError(`${side.name}: ${table.name} takes no such row (${firstLine(error)}); ${advice}`, {
        cause: error,
      });
    }
  });
}

function columnList({ columns }: Table) {
  return sql.join(Object.keys(columns).map((column) => sql.ref(column)));
}

// A value of the driver counts as a value of the schema only if its type is right.
function checked(side: Side, table: Table, column: string, value: unknown): Value {
  if (value === null) return null;
  const kind = table.columns[column];
  if (kind !== undefined && isOfKind[kind](value)) return value;
  throw new CopyError(`${side.name}: ${table.name}.${column} holds something that is no ${kind ?? 'value'}`);
}

const isOfKind: Readonly<Record<ColumnKind, (value: unknown) => value is Value>> = {
  bytes: (value) => value instanceof Uint8Array,
  text: (value) => typeof value === 'string',
  number: (value): value is number => Number.isSafeInteger(value),
};

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
