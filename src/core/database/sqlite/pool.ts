import { setTimeout as pause } from 'node:timers/promises';
import type { QueryResult, SqliteDatabase } from 'kysely';
import type { ConnectionPool } from '../pooled-driver.ts';
import { isBusy } from './errors.ts';

const PAUSE_MILLISECONDS = 5;

/**
 * The one connection that writes, handed to one piece of work after another. Where another process holds the lock,
 * SQLite itself would wait without doing anything else; here the event loop goes on, and the statement is tried again.
 * @param patience milliseconds until a statement gives up
 */
export function singleConnection(
  statements: SqliteDatabase,
  patience: number,
): ConnectionPool<SqliteDatabase> {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  const run = async (_: SqliteDatabase, text: string, values: readonly unknown[]) => {
    for (let waited = 0; ; waited += PAUSE_MILLISECONDS) {
      try {
        return runOnce(statements, text, values);
      } catch (error) {
        if (!isBusy(error) || waited >= patience) throw error;
        await pause(PAUSE_MILLISECONDS);
      }
    }
  };
  return {
    acquire: async () => {
      if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
      isTaken = true;
      return statements;
    },
    run,
    commit: async () => {
      await run(statements, 'commit', []);
    },
    isFatal: () => false,
    release,
    discard: release,
  };
}

function runOnce(statements: SqliteDatabase, text: string, values: readonly unknown[]): QueryResult<unknown> {
  const statement = statements.prepare(text);
  if (statement.reader) return { rows: statement.all(values) };
  return { rows: [], numAffectedRows: BigInt(statement.run(values).changes) };
}
