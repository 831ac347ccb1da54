import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { sql } from 'kysely';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { migrations } from '../../src/latchkey.ts';
import { readTables } from '../../src/operations/copy/tables.ts';
import { migrate, openDatabase } from '../../src/platform/sql/index.ts';
import { START_OF_TESTS } from './clock.ts';
import type { AllTables, Database } from './tables.ts';
import { temporaryFolder } from './temporary.ts';

/** A database for one test, by its URL; it is deleted when the test ends. */
export type TestDatabase = AsyncDisposable & { readonly url: string };

/** An engine that the system supports. */
export type Engine = {
  readonly name: string;
  /** A database without a schema. */
  readonly create: () => Promise<TestDatabase>;
  /**
   * A database with the schema and no rows: a copy, or a used one that was emptied, because applying the schema is
   * slower.
   */
  readonly createMigrated: () => Promise<TestDatabase>;
};

const sqlite: Engine = {
  name: 'SQLite',
  create: async () => sqliteFile(null),
  createMigrated: async () => {
    migratedFile ??= makeMigratedFile();
    return sqliteFile(await migratedFile);
  },
};

/** A file with the schema, made once per process. */
let migratedFile: Promise<Buffer> | undefined;

async function makeMigratedFile(): Promise<Buffer> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'latchkey.db');
  await applySchema(`sqlite:${file}`);
  return readFileSync(file);
}

function sqliteFile(content: Buffer | null): TestDatabase {
  const folder = temporaryFolder();
  const file = join(folder.path, 'latchkey.db');
  if (content !== null) writeFileSync(file, content, { mode: 0o600 });
  return { url: `sqlite:${file}`, [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() };
}

async function applySchema(url: string): Promise<void> {
  const database = openDatabase(url, DATABASE_OPTIONS);
  await migrate(database, migrations, START_OF_TESTS);
  await database.close();
}

type RunStatements = (url: string, statements: readonly string[]) => Promise<void>;

/** An engine on a server that the test run has started; its URL is in the environment. */
function server(name: string, url: string, run: RunStatements): Engine {
  const urlOf = (database: string) =>
    new URL(database, url.endsWith('/') ? url : `${url.slice(0, url.lastIndexOf('/'))}/`).href;
  const create = async () => {
    const database = `test_${randomBytes(6).toString('hex')}`;
    await run(url, [`create database ${database}`]);
    const drop = () => run(url, [`drop database ${database}${name === 'PostgreSQL' ? ' with (force)' : ''}`]);
    return { url: urlOf(database), [Symbol.asyncDispose]: drop };
  };
  // Databases of this process; they are deleted with the server.
  const free: string[] = [];
  return {
    name,
    create,
    createMigrated: async () => {
      const used = free.pop();
      const made = used ?? (await create()).url;
      if (used === undefined) await applySchema(made);
      return {
        url: made,
        [Symbol.asyncDispose]: async () => {
          await run(made, await emptyingStatements(name === 'PostgreSQL' ? 'latchkey.' : 'latchkey_'));
          free.push(made);
        },
      };
    },
  };
}

/** Each table before those that its foreign keys reference; the table of applied steps is kept. */
async function emptyingStatements(qualifier: string): Promise<readonly string[]> {
  const names = (await readTables()).map(({ name }) => name);
  return names
    .filter((name) => name !== 'migrations')
    .reverse()
    .map((name) => `delete from ${qualifier}${name}`);
}

async function runOnPostgresql(connectionString: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(statements.join(';'));
  await client.end();
}

async function runOnMysql(url: string, statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  await connection.query(statements.join(';'));
  await connection.end();
}

export const postgresqlAt = (url: string): Engine => server('PostgreSQL', url, runOnPostgresql);
export const mariadbAt = (url: string): Engine => server('MariaDB', url, runOnMysql);
/** A cluster whose address leads to each of its nodes in turn: a statement sees what was done on another node. */
const galeraAt = (url: string): Engine =>
  server('Galera', url, (at, statements) =>
    runOnMysql(at, ['set session wsrep_sync_wait = 7', ...statements]),
  );

/** The options of a node, for tests that open a database themselves. Times are milliseconds. */
export const DATABASE_OPTIONS = {
  connections: 5,
  connectTimeout: 60_000,
  statementTimeout: 60_000,
  schema: 'latchkey',
  tablePrefix: 'latchkey_',
};

/** The addresses of the servers of this test run; unset in a quick run. */
const POSTGRESQL_URL = process.env['TEST_ON_POSTGRESQL'];
const MARIADB_URL = process.env['TEST_ON_MARIADB'];
/** Set for the files of `onGalera` in tests/tiers.ts alone, where there is a cluster. */
const GALERA_URL = process.env['TEST_ON_GALERA'];

/** Every engine. Tests of what the database decides run on each real one. */
export const engines: readonly Engine[] = [
  sqlite,
  ...(POSTGRESQL_URL === undefined ? [] : [postgresqlAt(POSTGRESQL_URL)]),
  ...(MARIADB_URL === undefined ? [] : [mariadbAt(MARIADB_URL)]),
  ...(GALERA_URL === undefined ? [] : [galeraAt(GALERA_URL)]),
];

/** The engines that are servers, which have users and passwords. */
export const servers: readonly Engine[] = engines.filter((engine) => engine !== sqlite);

/** An existing database as an engine to start a system on; it is kept when the system ends. */
export function existingDatabase(url: string): Engine {
  const create = async () => ({ url, [Symbol.asyncDispose]: async () => {} });
  return { name: 'existing', create, createMigrated: create };
}

/** Runs tests once on every engine. */
export function onEveryDatabase(promise: string, tests: (engine: Engine) => void): void {
  for (const engine of engines) describe(`${promise} (${engine.name})`, () => tests(engine));
}

/** The address of the Redis of this test run; unset in a quick run. */
export const REDIS_URL = process.env['TEST_ON_REDIS'];

/** Whether this is `npm run test:full`, in which repeated tests have more repetitions. */
export const isFullRun = process.env['TEST_ON_EVERYTHING'] === '1';

/**
 * Changes rows of a SQLite file that an application of this process has open. It blocks in a thread of its own until the
 * writer is done: a blocked main thread would never let the application end.
 */
export async function change(path: string, work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = openDatabase<AllTables>(`sqlite:${path}`, DATABASE_OPTIONS);
  await work(database);
  await database.close();
}

/** Takes a table away while some work is done, so that each statement on it fails. */
export async function withoutTable<Result>(
  { engine, queries }: Database,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const away = `${name}_away`;
  // PostgreSQL renames within the schema of a table.
  const target = (to: string) => (engine === 'postgresql' ? sql.id(to) : sql.table(to));
  await sql`alter table ${sql.table(name)} rename to ${target(away)}`.execute(queries);
  try {
    return await work();
  } finally {
    await sql`alter table ${sql.table(away)} rename to ${target(name)}`.execute(queries);
  }
}
