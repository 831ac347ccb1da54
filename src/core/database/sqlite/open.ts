import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { type Database, DatabaseStartError } from '../database.ts';
import { pooledDriver } from '../pooled-driver.ts';
import type { Schema } from '../schema.ts';
import { sqliteColumns } from './columns.ts';
import { isRowRefusal, isUnavailable, isUniqueViolation } from './errors.ts';
import { keptLookUp } from './look-up.ts';
import { singleConnection } from './pool.ts';
import { keepStatements } from './statements.ts';

const BUSY_TIMEOUT_MILLISECONDS = 5_000;

/** Once it is open, the writer waits without holding the event loop (pool.ts). */
const WRITER_TIMEOUT_MILLISECONDS = 2;

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
  const pool = singleConnection(keepStatements(writer), BUSY_TIMEOUT_MILLISECONDS);
  const queries = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => pooledDriver(pool),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return {
    engine: 'sqlite',
    location: isInMemory ? 'memory, and ends with this process' : location,
    queries,
    transaction: (work) => queries.transaction().execute(work),
    // A transaction holds the only lock there is to write (statements.ts).
    exclusively: (work) => queries.transaction().execute(work),
    lookUp: (query) => keptLookUp(reader, query),
    isUniqueViolation,
    isRowRefusal,
    // Whatever fails after closing fails for that reason: a request that outlived the end of the server.
    isUnavailable: (error) => !writer.isOpen || isUnavailable(error),
    explain: (error) =>
      isUnavailable(error) && error instanceof Error ? `${location}: ${error.message}` : null,
    columns: sqliteColumns,
    hasIndex: async (on, name) => {
      const found = sql`select 1 from sqlite_master where type = 'index' and name = ${name}`;
      return (await found.execute(on)).rows.length > 0;
    },
    // Both connections: one that can be read and not written to would not serve.
    ping: async () => {
      reader.prepare('select 1').get();
      await queries.transaction().execute(async () => {});
    },
    close: async () => {
      if (reader !== writer && reader.isOpen) reader.close();
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
  writer.exec(`PRAGMA busy_timeout = ${WRITER_TIMEOUT_MILLISECONDS}`);
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
