import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { sqliteColumns } from '../columns.ts';
import { type Database, DatabaseStartError } from '../database.ts';
import type { Schema } from '../schema.ts';
import { isUnavailable, isUniqueViolation } from './errors.ts';
import { keptLookUp } from './look-up.ts';
import { keepStatements } from './statements.ts';

const BUSY_TIMEOUT_MILLISECONDS = 5_000;

/**
 * Opens a SQLite file, making it and its folder readable by this user alone.
 * One connection writes; a second, read-only one serves the hot look-ups, so that they never see the inside
 * of a transaction under way.
 * @throws {DatabaseStartError} when the file cannot be opened.
 */
export function openSqlite(path: string): Database {
  const isInMemory = path === ':memory:';
  // A whole path is a path and nothing else; SQLite would read a name such as `file:users.db` as a URI.
  const location = isInMemory ? path : resolve(path);
  const { writer, reader } = openConnections(location, isInMemory);
  const queries = new Kysely<Schema>({ dialect: new SqliteDialect({ database: keepStatements(writer) }) });
  return {
    engine: 'sqlite',
    location: isInMemory ? 'memory, and ends with this process' : location,
    queries,
    transaction: (work) => queries.transaction().execute(work),
    lookUp: (query) => keptLookUp(reader, query),
    isUniqueViolation,
    // Whatever fails after closing fails for that reason: a request that outlived the end of the server.
    isUnavailable: (error) => !writer.isOpen || isUnavailable(error),
    columns: sqliteColumns,
    ping: async () => {
      reader.prepare('select 1').get();
    },
    close: async () => {
      if (reader !== writer && reader.isOpen) reader.close();
      await queries.destroy();
      if (writer.isOpen) writer.close();
    },
  };
}

function openConnections(path: string, isInMemory: boolean) {
  try {
    if (!isInMemory) makePrivateFile(path);
    const writer = openWriter(path);
    if (!isInMemory) makePrivate(path);
    const reader = isInMemory
      ? writer
      : new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MILLISECONDS });
    return { writer, reader };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseStartError(`DATABASE_URL: cannot open the database file ${path} (${reason})`, {
      cause: error,
    });
  }
}

function openWriter(path: string): DatabaseSync {
  const writer = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MILLISECONDS });
  writer.exec('PRAGMA journal_mode = WAL');
  // With FULL a committed sign-out stays committed after a power cut; it costs a tenth of a millisecond.
  writer.exec('PRAGMA synchronous = FULL');
  writer.exec('PRAGMA foreign_keys = ON');
  return writer;
}

/** Makes the file where there is none yet, so that not for a moment others may read it. */
function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

// Only once the file has shown to be a database: a wrong path must not take anybody's file away from others. The files
// beside it hold the same rows; restored or left by a crash, they may have another mode.
function makePrivate(path: string): void {
  if (process.platform === 'win32') return;
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}
