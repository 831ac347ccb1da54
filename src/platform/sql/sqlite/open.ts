import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { type ColumnTypes, type Database, DatabaseStartError } from '../database.ts';
import { storeTrialRow } from '../leases.ts';
import { type ConnectionPool, pooledDriver } from '../pooled-driver.ts';
import { createWriteWatch } from '../write-watch.ts';
import { CATALOG, findReference } from './catalog.ts';
import { connectToRead, connectToWrite } from './connect.ts';
import {
  isForeignKeyViolation,
  isRowRefusal,
  isStorageFault,
  isUnavailable,
  isUniqueViolation,
} from './errors.ts';
import { singleConnection } from './pool.ts';
import { prepareLookUp } from './statements.ts';
import { type Writer, writeHere, writeInThread } from './writer.ts';

const COLUMNS: ColumnTypes = {
  id: sql`blob`,
  hash: sql`blob`,
  time: sql`integer`,
  text: () => sql`text`,
  // BINARY is SQLite's default collation; it is explicit because the comparison of identifiers depends on it.
  key: () => sql`text collate binary`,
  number: sql`integer`,
  sequence: sql`integer`,
  bytes: sql`blob`,
  // Otherwise rows are in a tree by an internal number, and an index of the key leads to it
  // (https://www.sqlite.org/withoutrowid.html).
  clusteredByKey: sql`without rowid`,
  shown: {
    view: (name) => `latchkey_${name}`,
    id: sql`lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' ||
      substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) as id, id as id_bytes`,
    time: (column) => sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${sql.ref(column)} / 1000.0, 'unixepoch')`,
  },
};

const WITHOUT_SERVER = { readClock: async () => null, findRisks: async () => [] };

/**
 * Opens a SQLite file, and creates it and its folder readable by this user only.
 * A separate thread writes; a second, read-only connection serves the hot look-ups synchronously, and never sees an
 * uncommitted transaction.
 * @throws {DatabaseStartError} when the file cannot be opened.
 */
export function openSqlite<Tables>(path: string): Database<Tables> {
  const isInMemory = path === ':memory:';
  // An absolute path, because SQLite reads a name such as `file:users.db` as a URI.
  const location = isInMemory ? path : resolve(path);
  const reader = isInMemory ? connectToWrite(location) : openFile(location);
  const { pool, isClosed, close } = singleConnection(() =>
    isInMemory ? writeHere(reader) : writeInThread(location),
  );
  // There is one file, so no connection leads elsewhere.
  const writes = createWriteWatch({ isReadOnly: () => false, isStorageFault });
  const queries = queriesOn<Tables>(writes.watch(pool('full')));
  const asyncQueries = queriesOn<Tables>(writes.watch(pool('normal')));
  return {
    engine: 'sqlite',
    setting: 'DATABASE_URL',
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
    lookUp: (query) => prepareLookUp(reader, query),
    isUniqueViolation,
    isRowRefusal,
    refusedBy: async (error) => (isForeignKeyViolation(error) ? findReference(queries) : null),
    // After closing, every failure has that cause: a request that outlived the server.
    isUnavailable: (error) => isClosed() || isUnavailable(error),
    explain: (error) =>
      isUnavailable(error) && error instanceof Error ? `${location}: ${error.message}` : null,
    // There is one writer at a time.
    forUpdate: sql``,
    onConflictDoNothing: () => sql`on conflict do nothing`,
    joinTexts: (column) => sql`string_agg(${sql.ref(column)} || ' ', '')`,
    columns: COLUMNS,
    catalog: CATALOG,
    ...WITHOUT_SERVER,
    // Both connections: a file that can only be read is not enough.
    ping: async () => {
      reader.prepare('select 1').get();
      await queries.transaction().execute(async () => {});
      await writes.retry(() => queries.transaction().execute(storeTrialRow));
    },
    close: async () => {
      // The reader first: the connection that is closed last checkpoints, which requires a writer.
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
    createPrivateFile(path);
    // Shows at once whether the file can be used, and sets its journal mode.
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

/** Creates a missing file with its final mode, so that other users can read it at no time. */
function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

// Only once the file has proved to be a database: a wrong path must not change the mode of another file. The files beside
// it contain the same rows; restored or left by a crash, they may have another mode.
function makePrivate(path: string): void {
  if (process.platform === 'win32') return;
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}
