import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, SqliteDatabase, SqliteStatement } from 'kysely';
import type { LookUp } from '../database.ts';

const KEPT_STATEMENTS = 200;

/**
 * Runs Kysely's SQLite dialect on `node:sqlite` with a cache of prepared statements: preparing one costs twice what
 * running it does.
 */
export function keepStatements(connection: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => connection.close(),
    prepare: (text) => {
      const found = kept.get(text);
      if (found !== undefined) {
        kept.delete(text);
        kept.set(text, found);
        return found;
      }
      const prepared = adapt(connection.prepare(writesFromTheStart(text)));
      kept.set(text, prepared);
      const oldest = kept.keys().next();
      if (kept.size > KEPT_STATEMENTS && !oldest.done) kept.delete(oldest.value);
      return prepared;
    },
  };
}

// A transaction that reads before it writes fails at once, whatever the busy timeout, when another process has written in
// between. Taking the write lock at its beginning waits instead.
function writesFromTheStart(text: string): string {
  return text === 'begin' ? 'begin immediate' : text;
}

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...inputs(parameters)),
    run: (parameters) => {
      const { changes, lastInsertRowid } = statement.run(...inputs(parameters));
      return { changes, lastInsertRowid };
    },
    iterate: (parameters) => statement.iterate(...inputs(parameters)) as IterableIterator<unknown>,
  };
}

function inputs(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((parameter) => {
    const isFitting =
      parameter === null ||
      typeof parameter === 'number' ||
      typeof parameter === 'bigint' ||
      typeof parameter === 'string' ||
      parameter instanceof Uint8Array;
    if (!isFitting) throw new TypeError(`SQLite takes no ${typeof parameter} as a parameter`);
    return parameter;
  });
}

export type Statement = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Statements to run before it that return nothing, such as the beginning of its transaction. */
  readonly lead?: readonly string[];
};

/** Its rows, or how many it changed. */
export type Outcome = { readonly rows: unknown[]; readonly changes?: number | bigint };

/** Marks an error of a `lead` statement: the transaction has not begun. */
export const NOT_BEGUN = 'hasNotBegun';

export function execute(statements: SqliteDatabase, { text, values, lead = [] }: Statement): Outcome {
  for (const before of lead) runBefore(statements, before);
  const statement = statements.prepare(text);
  if (statement.reader) return { rows: statement.all(values) };
  return { rows: [], changes: statement.run(values).changes };
}

function runBefore(statements: SqliteDatabase, text: string): void {
  try {
    statements.prepare(text).run([]);
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { [NOT_BEGUN]: true }) : error;
  }
}

/** Prepares one statement on a connection; it returns the first row that it finds. */
export function prepareLookUp<Row>(connection: DatabaseSync, query: CompiledQuery<Row>): LookUp<Row> {
  const prepare = () => {
    const statement = connection.prepare(query.sql);
    // Rows are read as arrays: for an object, node:sqlite creates the string of every column name again.
    statement.setReturnArrays(true);
    return { statement, names: statement.columns().map(({ name }) => name) };
  };
  // Prepared at its first use: the tables may not exist when the look-up is declared.
  let kept: ReturnType<typeof prepare> | undefined;
  return (...parameters) => {
    kept ??= prepare();
    const { statement, names } = kept;
    const values: unknown = statement.get(...(parameters as Parameters<typeof statement.get>));
    // The row has the shape that Kysely derived from the schema for this very statement.
    return Array.isArray(values) ? (rowOf(names, values) as Row) : undefined;
  };
}

function rowOf(names: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) row[name] = values[index];
  return row;
}
