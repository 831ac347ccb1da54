import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { type ColumnTypes, type Database, DatabaseStartError } from '../database.ts';
import { type ConnectionPool, pooledDriver } from '../pooled-driver.ts';
import { connectToRead, connectToWrite } from './connect.ts';
import { isRowRefusal, isUnavailable, isUniqueViolation } from './errors.ts';
import { singleConnection } from './pool.ts';
import { keptLookUp } from './statements.ts';
import { type Writer, writeHere, writeInThread } from './writer.ts';

const COLUMNS: ColumnTypes = {
  id: sql`blob`,
  hash: sql`blob`,
  time: sql`integer`,
  text: () => sql`text`,
  // BINARY is SQLite's default collation; it is spelled out because identity rests on it.
  key: () => sql`text collate binary`,
  number: sql`integer`,
  sequence: sql`integer`,
  bytes: sql`blob`,
  // Else rows lie in a tree of their own, by a number of SQLite's, to which an index of the key leads
  // (https://www.sqlite.org/withoutrowid.html).
  clusteredByKey: sql`without rowid`,
};

/**
 * Opens a SQLite file, making it and its folder readable by this user alone.
 * A thread of its own writes; a second, read-only connection serves the hot look-ups here and at once, and never sees
 * the inside of a transaction under way.
 * @throws {DatabaseStartError} when the file cannot be opened.
 */
export function openSqlite<Tables>(path: string): Database<Tables> {
  const isInMemory = path === ':memory:';
  // A whole path is a path and nothing else; SQLite would read a name such as `file:users.db` as a URI.
  const location = isInMemory ? path : resolve(path);
  const reader = isInMemory ? connectToWrite(location) : openFile(location);
  const { pool, isClosed, close } = singleConnection(() =>
    isInMemory ? writeHere(reader) : writeInThread(location),
  );
  const queries = queriesOn<Tables>(pool('full'));
  const asyncQueries = queriesOn<Tables>(pool('normal'));
  return {
    engine: 'sqlite',
    location: isInMemory ? 'memory, and ends with this process' : location,
    queries,
    transaction: (work) => queries.transaction().execute(work),
    asyncCommit: {
      queries: asyncQueries,
      transaction: (work) => asyncQueries.transaction().execute(work),
    },
    hasOneWriter: true,
    // A transaction holds the only lock there is to write (statements.ts), from its first statement on.
    withSchemaLock: (work) =>
      queries.transaction().execute(async (transaction) => {
        await sql`select 1`.execute(transaction);
        return work(transaction);
      }),
    lookUp: (query) => keptLookUp(reader, query),
    isUniqueViolation,
    isRowRefusal,
    // Whatever fails after closing fails for that reason: a request that outlived the end of the server.
    isUnavailable: (error) => isClosed() || isUnavailable(error),
    explain: (error) =>
      isUnavailable(error) && error instanceof Error ? `${location}: ${error.message}` : null,
    // Whoever may write is the only one.
    forUpdate: sql``,
    onConflictDoNothing: () => sql`on conflict do nothing`,
    columns: COLUMNS,
    hasColumn: async (on, table, column) => {
      const found = sql`select 1 from pragma_table_info(${table}) where name = ${column}`;
      return (await found.execute(on)).rows.length > 0;
    },
    hasIndex: async (on, name) => {
      const found = sql`select 1 from sqlite_master where type = 'index' and name = ${name}`;
      return (await found.execute(on)).rows.length > 0;
    },
    readClock: async () => null,
    // Both connections: a file that can only be read is not enough.
    ping: async () => {
      reader.prepare('select 1').get();
      await queries.transaction().execute(async () => {});
    },
    close: async () => {
      // First: the connection that is closed last puts everything into the file, which only one that writes can.
      if (!isInMemory && reader.isOpen) reader.close();
      await close();
    },
  };
}

function queriesOn<Tables>(connections: ConnectionPool<Writer>): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => pooledDriver(connections),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

function openFile(path: string): DatabaseSync {
  try {
    makePrivateFile(path);
    // Shows now whether the file can be used, and leaves it as every connection needs it.
    const trial = connectToWrite(path);
    makePrivate(path);
    const reader = connectToRead(path);
    trial.close();
    return reader;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseStartError(`DATABASE_URL: cannot open the database file ${path} (${reason})`, {
      cause: error,
    });
  }
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
