import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

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
