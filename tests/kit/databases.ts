import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { readTables } from '../../src/operations/copy/tables.ts';
import { migrations } from '../../src/operations/migrations/all.ts';
import { migrate, openDatabase } from '../../src/platform/sql/index.ts';
import { START_OF_TESTS } from './clock.ts';
import { temporaryFolder } from './temporary.ts';

/** A database for one test, by its URL; it goes when the test ends. */
export type TestDatabase = AsyncDisposable & { readonly url: string };

/** An engine that the system promises to run on. */
export type Engine = {
  readonly name: string;
  /** One without a schema. */
  readonly create: () => Promise<TestDatabase>;
  /** One with the schema and no rows: a copy or a used one that was emptied, as to apply the schema takes far longer. */
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
  const database = openDatabase(url, POOL_LIMITS);
  await migrate(database, migrations, START_OF_TESTS);
  await database.close();
}

type RunStatements = (url: string, statements: readonly string[]) => Promise<void>;

/** An engine behind a server that the test run has started; its URL is in the environment. */
function server(name: string, url: string, run: RunStatements): Engine {
  const urlOf = (database: string) =>
    new URL(database, url.endsWith('/') ? url : `${url.slice(0, url.lastIndexOf('/'))}/`).href;
  const create = async () => {
    const database = `test_${randomBytes(6).toString('hex')}`;
    await run(url, [`create database ${database}`]);
    const drop = () => run(url, [`drop database ${database}${name === 'PostgreSQL' ? ' with (force)' : ''}`]);
    return { url: urlOf(database), [Symbol.asyncDispose]: drop };
  };
  // Of this process alone; they go with the server.
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
          await run(made, await emptyingStatements());
          free.push(made);
        },
      };
    },
  };
}

/** Each table before those that its foreign keys name; the table of applied steps stays as it is. */
async function emptyingStatements(): Promise<readonly string[]> {
  const names = (await readTables()).map(({ name }) => name);
  return names
    .filter((name) => name !== 'schema_migrations')
    .reverse()
    .map((name) => `delete from ${name}`);
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

/** A node’s share of a database server, for tests that open one themselves. Times are milliseconds. */
export const POOL_LIMITS = { connections: 5, connectTimeout: 5_000, statementTimeout: 10_000 };

/** Where the servers of this test run are; unset in a quick run. */
const POSTGRESQL_URL = process.env['LATCHKEY_TEST_POSTGRESQL'];
const MARIADB_URL = process.env['LATCHKEY_TEST_MARIADB'];

/** Every engine. What the database decides is tested on each of them, and on the real one. */
export const engines: readonly Engine[] = [
  sqlite,
  ...(POSTGRESQL_URL === undefined ? [] : [postgresqlAt(POSTGRESQL_URL)]),
  ...(MARIADB_URL === undefined ? [] : [mariadbAt(MARIADB_URL)]),
];

/** The engines that are servers, which have users and passwords. */
export const servers: readonly Engine[] = engines.filter((engine) => engine !== sqlite);

/** A database that is there already, as an engine to start a system on; it stays when that ends. */
export function existingDatabase(url: string): Engine {
  const create = async () => ({ url, [Symbol.asyncDispose]: async () => {} });
  return { name: 'existing', create, createMigrated: create };
}

/** Runs tests once on every engine. */
export function onEveryDatabase(promise: string, tests: (engine: Engine) => void): void {
  for (const engine of engines) describe(`${promise} (${engine.name})`, () => tests(engine));
}

/** Where the Redis of this test run is; unset in a quick run. */
export const REDIS_URL = process.env['LATCHKEY_TEST_REDIS'];

/** Whether this is `npm run test:full`, in which what is repeated is repeated more often. */
export const isFullRun = process.env['LATCHKEY_TEST_FULL'] === '1';
