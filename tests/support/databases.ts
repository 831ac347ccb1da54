import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { temporaryFolder } from './temporary-folder.ts';

/** An empty database for one test, by its URL; it goes when the test ends. */
export type EmptyDatabase = AsyncDisposable & { readonly url: string };

/** An engine that the system promises to run on. */
export type Engine = { readonly name: string; readonly create: () => Promise<EmptyDatabase> };

const sqlite: Engine = {
  name: 'SQLite',
  create: async () => {
    const folder = temporaryFolder();
    return {
      url: `sqlite:${join(folder.path, 'latchkey.db')}`,
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  },
};

/** An engine behind a server that the test run has started; its URL is in the environment. */
function server(name: string, url: string, run: (url: string, statement: string) => Promise<void>): Engine {
  return {
    name,
    create: async () => {
      const database = `test_${randomBytes(6).toString('hex')}`;
      await run(url, `create database ${database}`);
      return {
        url: new URL(database, url.endsWith('/') ? url : `${url.slice(0, url.lastIndexOf('/'))}/`).href,
        [Symbol.asyncDispose]: () => run(url, `drop database ${database}`),
      };
    },
  };
}

async function runOnPostgresql(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  // What a killed process left open must not keep its database from going.
  await client.query(statement.startsWith('drop') ? `${statement} with (force)` : statement);
  await client.end();
}

async function runOnMysql(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  await connection.query(statement);
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
  return { name: 'existing', create: async () => ({ url, [Symbol.asyncDispose]: async () => {} }) };
}

/** Runs tests once on every engine. */
export function onEveryDatabase(promise: string, tests: (engine: Engine) => void): void {
  for (const engine of engines) describe(`${promise} (${engine.name})`, () => tests(engine));
}
