import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import * as mysqlPromise from 'mysql2/promise';
import { Client, Pool } from 'pg';
import { openDatabase, readApplicationPool } from '../../src/platform/sql/index.ts';
import { until } from '../kit/clock.ts';
import { DATABASE_OPTIONS, type Engine, servers } from '../kit/databases.ts';
import { reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import type { AllTables, Database, Queries } from '../kit/tables.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const CONNECTIONS = DATABASE_OPTIONS.connections;

/** By engine: makes a connection one that only reads, as one to a former primary does, and identifies a connection. */
const WORDS: Readonly<Record<string, { readonly readOnly: string; readonly id: string }>> = {
  PostgreSQL: {
    readOnly: 'set session characteristics as transaction read only',
    id: 'select pg_backend_pid() as id',
  },
  MariaDB: { readOnly: 'set session transaction read only', id: 'select connection_id() as id' },
};

function wordsOf({ name }: Engine) {
  const words = WORDS[name];
  if (words === undefined) throw new Error(`say how ${name} makes a connection read-only`);
  return words;
}

/** Uses every connection of the pool at the same time. */
async function onEveryConnection(
  { transaction }: Database,
  count: number,
  text: string,
): Promise<readonly unknown[]> {
  const all = Promise.withResolvers<void>();
  let taken = 0;
  const use = () =>
    transaction(async (connection) => {
      taken += 1;
      if (taken === count) all.resolve();
      await all.promise;
      return (await sql<{ id: unknown }>`${sql.raw(text)}`.execute(connection)).rows[0]?.id;
    });
  return Promise.all(Array.from({ length: count }, use));
}

async function write({ queries }: { readonly queries: Queries }, number: number): Promise<void> {
  const row = { key_hash: new Uint8Array(32).fill(number), count: 0, expires_at: 1, blocked_until: 0 };
  await queries.insertInto('counters').values(row).execute();
}

type Opened = AsyncDisposable & { readonly database: Database };

/** A pool of Latchkey's own, and one of an application. */
const pools: readonly { readonly name: string; readonly open: (engine: Engine, url: string) => Opened }[] = [
  {
    name: 'the own pool',
    open: (_, url) => {
      const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
      return { database, [Symbol.asyncDispose]: database.close };
    },
  },
  {
    name: 'the pool of an application',
    open: ({ name }, url) => {
      const pool =
        name === 'PostgreSQL'
          ? new Pool({ connectionString: url, max: CONNECTIONS })
          : mysqlPromise.createPool({ uri: url, connectionLimit: CONNECTIONS });
      const reading = readApplicationPool(pool);
      assert.ok(reading.ok);
      const database = reading.open<AllTables>(DATABASE_OPTIONS);
      return { database, [Symbol.asyncDispose]: () => pool.end() };
    },
  },
];

for (const engine of servers) {
  for (const { name, open } of pools) {
    describe(`connections that lead to a former primary (${engine.name}, ${name})`, () => {
      it('A58: are all closed as soon as one of them is refused a write, also those that only read', async () => {
        await using there = await engine.createMigrated();
        await using opened = open(engine, there.url);
        const { database } = opened;
        const { readOnly, id } = wordsOf(engine);
        const former = await onEveryConnection(database, CONNECTIONS, id);
        await onEveryConnection(database, CONNECTIONS, readOnly);
        await assert.rejects(write(database, 1), database.isUnavailable);
        const current = await onEveryConnection(database, CONNECTIONS, id);
        assert.deepEqual(
          current.filter((connection) => former.includes(connection)),
          [],
        );
        await Promise.all([1, 2, 3, 4, 5, 6].map((number) => write(database, number)));
        // A second time at once, when not all are closed again: each is, as soon as it is refused.
        await onEveryConnection(database, CONNECTIONS, readOnly);
        const refused: unknown[] = [];
        for (let number = 11; number <= 10 + CONNECTIONS; number += 1)
          await write(database, number).catch((error: unknown) => refused.push(error));
        assert.ok(refused.length > 0 && refused.every(database.isUnavailable));
        await write(database, 20);
      });

      it('A58: fail the transactions that are open in them, and are closed afterwards', async () => {
        await using there = await engine.createMigrated();
        await using opened = open(engine, there.url);
        const { database } = opened;
        const { readOnly, id } = wordsOf(engine);
        await onEveryConnection(database, CONNECTIONS, readOnly);
        let former: unknown;
        const both = database.transaction(async (transaction) => {
          former = (await sql<{ id: unknown }>`${sql.raw(id)}`.execute(transaction)).rows[0]?.id;
          await assert.rejects(write(database, 1), database.isUnavailable);
          await write({ queries: transaction }, 2);
        });
        await assert.rejects(both, database.isUnavailable);
        assert.ok(!(await onEveryConnection(database, CONNECTIONS, id)).includes(former));
      });

      it('A58: are found by a probe before any request has written', async () => {
        await using there = await engine.createMigrated();
        await using opened = open(engine, there.url);
        const { database } = opened;
        await database.ping();
        await onEveryConnection(database, CONNECTIONS, wordsOf(engine).readOnly);
        await assert.rejects(database.ping(), ({ message }: Error) => /read.?only/.test(message));
        await database.ping();
        await Promise.all([1, 2, 3, 4, 5, 6].map((number) => write(database, number)));
      });
    });
  }

  describe(`a server that refuses to write (${engine.name})`, () => {
    it('A58: makes /readyz fail and names the cause once in the log, while /healthz is independent', async () => {
      await using system = await startSystem({ databasePoolSize: 2 }, engine);
      const { database } = reachInside(system, 'connections are made read-only one by one').core;
      const visitor = system.visitor();
      assert.equal((await visitor.get('/readyz')).status, 200);
      await onEveryConnection(database, 2, wordsOf(engine).readOnly);
      const { status, headers } = await visitor.get('/readyz');
      assert.equal(status, 503);
      assert.match(String(headers.get('retry-after')), /^\d+$/);
      assert.equal((await visitor.get('/healthz')).status, 200);
      assert.match(notReady(system).join(), /"reason":"[^"]*read-only/);
      assert.equal((await visitor.get('/readyz')).status, 200);
      assert.equal(notReady(system).length, 1);
      assert.equal(system.logLines.filter((line) => line.includes('"event":"ready-again"')).length, 1);
    });
  });
}

const notReady = ({ logLines }: TestSystem) =>
  logLines.filter((line) => line.includes('"event":"not-ready"'));

for (const engine of servers.filter(({ name }) => name === 'PostgreSQL')) {
  it('a PostgreSQL that confirms what a crash undoes is a risk that the doctor reports', async () => {
    await using there = await engine.create();
    const risksOf = async (url: string) => {
      const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
      const risks = await database.findRisks();
      await database.close();
      return risks.map(({ what }) => what);
    };
    assert.deepEqual(await risksOf(there.url), []);
    const url = new URL(there.url);
    const client = new Client({ connectionString: there.url });
    await client.connect();
    await client.query(`alter database ${url.pathname.slice(1)} set synchronous_commit = off`);
    await client.end();
    assert.match((await risksOf(there.url)).join(), /^synchronous_commit is off/);
  });
}

describe('a SQLite file on a full disk', () => {
  const pagesOf = async ({ queries }: Database) =>
    Number((await sql<{ page_count: number }>`pragma page_count`.execute(queries)).rows[0]?.page_count);
  const limitPages = ({ queries }: Database, pages: number) =>
    sql`pragma max_page_count = ${sql.lit(pages)}`.execute(queries);

  it('A58: makes /readyz fail after the first write that failed, until there is space again', async () => {
    await using system = await startSystem();
    const { database } = reachInside(system, 'a disk is full at no wish').core;
    const visitor = system.visitor();
    await limitPages(database, await pagesOf(database));
    assert.equal((await visitor.get('/readyz')).status, 200, 'no write has failed yet');
    let user = 0;
    await until('a registration finds no space', async () => {
      user += 1;
      return (await system.visitor().register(`${ADA.username}${user}`, ADA.password)).status === 503;
    });
    for (const _ of [1, 2, 3]) assert.equal((await visitor.get('/readyz')).status, 503);
    assert.equal((await visitor.get('/healthz')).status, 200);
    const lines = notReady(system);
    assert.equal(lines.length, 1, 'a cause that stays is logged once');
    assert.match(lines.join(), /"reason":"[^"]*latchkey\.db: database or disk is full"/);
    await limitPages(database, 1_000_000);
    assert.equal((await visitor.get('/readyz')).status, 200);
    assert.equal((await system.visitor().register(BEN.username, BEN.password)).status, 303);
  });
});
