import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, SqliteDatabase, SqliteStatement } from 'kysely';
import type { LookUp } from '../database.ts';

const KEPT_STATEMENTS = 200;

/**
 * Lets Kysely's SQLite dialect run on `node:sqlite`, keeping the statements used last: preparing at every call
 * costs twice what running a kept one does.
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

// A transaction that reads first and writes later can find another process in between, and then fails at once
// whatever the busy timeout is. Taking the write lock at its begin waits instead.
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

/** One statement, with the values apart from its text. */
export type Statement = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** What has to be run before it and gives nothing, such as the beginning of its transaction. */
  readonly lead?: readonly string[];
};

/** What it gave: its rows, or how many it changed. */
export type Outcome = { readonly rows: unknown[]; readonly changes?: number | bigint };

/** Marks the error of what leads a statement: then the transaction that it was to be in has not begun. */
export const NOT_BEGUN = 'hasNotBegun';

/** Runs a statement, here and now. */
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

/** Keeps one statement ready on a connection; it gives the first row that it finds. */
export function keptLookUp<Row>(connection: DatabaseSync, query: CompiledQuery<Row>): LookUp<Row> {
  const prepare = () => {
    const statement = connection.prepare(query.sql);
    // Rows come as arrays, because for a row as an object node:sqlite makes the name of every column anew.
    statement.setReturnArrays(true);
    return { statement, names: statement.columns().map(({ name }) => name) };
  };
  // Prepared at its first use: when the system is composed, the tables may not be there yet.
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
