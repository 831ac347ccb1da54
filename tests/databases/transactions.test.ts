import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RawBuilder, sql } from 'kysely';
import { until } from '../kit/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { reachInside, sharedEngines, startSystem, type TestSystem } from '../kit/system.ts';
import type { Queries } from '../kit/tables.ts';

const databaseOf = (system: TestSystem) =>
  reachInside(system, 'requests run transactions of their own').core.database;

const hashOf = (name: number) => new Uint8Array(32).fill(name);

async function insertRow(queries: Queries, name: number): Promise<void> {
  const row = { key_hash: hashOf(name), count: 0, expires_at: 1, blocked_until: 0 };
  await queries.insertInto('counters').values(row).execute();
}

async function countRow(queries: Queries, name: number): Promise<void> {
  await queries
    .updateTable('counters')
    .set(({ eb }) => ({ count: eb('count', '+', 1) }))
    .where('key_hash', '=', hashOf(name))
    .execute();
}

async function countsIn(queries: Queries): Promise<readonly number[]> {
  const rows = await queries.selectFrom('counters').select('count').orderBy('key_hash').execute();
  return rows.map(({ count }) => count);
}

onEveryDatabase('a transaction', (engine) => {
  it('A58: is reported as kept only if it was, also after a statement failed in it', async () => {
    await using system = await startSystem({}, engine);
    const database = databaseOf(system);
    await insertRow(database.queries, 1);
    const isReported = await database
      .transaction(async (transaction) => {
        await insertRow(transaction, 2);
        await assert.rejects(insertRow(transaction, 1));
      })
      .then(
        () => true,
        () => false,
      );
    assert.equal((await countsIn(database.queries)).length === 2, isReported);
  });
});

for (const engine of sharedEngines) {
  describe(`a transaction beside others (${engine.name})`, () => {
    it('sees what another one has written since it first read', async () => {
      await using system = await startSystem({}, engine);
      const database = databaseOf(system);
      await database.transaction(async (transaction) => {
        assert.deepEqual(await countsIn(transaction), []);
        await insertRow(database.queries, 1);
        assert.deepEqual(await countsIn(transaction), [0]);
      });
    });

    it('is run again if the engine gave it up because of a deadlock', async () => {
      await using system = await startSystem({}, engine);
      const database = databaseOf(system);
      for (const name of [1, 2]) await insertRow(database.queries, name);
      const both = Promise.withResolvers<void>();
      let holding = 0;
      const countBoth = (first: number, second: number) =>
        database.transaction(async (transaction) => {
          await countRow(transaction, first);
          holding += 1;
          if (holding === 2) both.resolve();
          // Each has locked one row and needs the row of the other.
          await both.promise;
          await countRow(transaction, second);
        });
      await Promise.all([countBoth(1, 2), countBoth(2, 1)]);
      assert.ok(holding >= 3, 'at least one of them was run again');
      assert.deepEqual(await countsIn(database.queries), [2, 2]);
    });
  });
}

/** Counts two rows in one statement, which locks the second one first. The nodes of a cluster do not see each other's locks. */
const COUNT_BACKWARDS: Readonly<
  Record<string, (first: Uint8Array, second: Uint8Array) => RawBuilder<unknown>>
> = {
  MariaDB: (first, second) =>
    sql`update ${sql.table('counters')} set count = count + 1 where key_hash in (${first}, ${second}) order by key_hash desc`,
  PostgreSQL: (first, second) =>
    sql`update ${sql.table('counters')} set count = count + 1 where key_hash in (
        select key_hash from ${sql.table('counters')} where key_hash in (${first}, ${second}) order by key_hash desc for update)`,
};

for (const engine of sharedEngines.filter(({ name }) => name in COUNT_BACKWARDS)) {
  describe(`a statement beside a transaction (${engine.name})`, () => {
    it('is run again if the engine gave it up because of a deadlock', async () => {
      await using system = await startSystem({}, engine);
      const database = databaseOf(system);
      const rows = [1, 2, 3, 4, 5, 6, 7, 8];
      for (const name of rows) await insertRow(database.queries, name);
      const isLocked = async (name: number) =>
        (
          await sql`select 1 from ${sql.table('counters')} where key_hash = ${hashOf(name)} for update skip locked`.execute(
            database.queries,
          )
        ).rows.length === 0;
      let statement: Promise<unknown> | null = null;
      await database.transaction(async (transaction) => {
        // It has changed more rows than the statement, so MariaDB gives up the statement.
        for (const name of rows.filter((name) => name !== 2)) await countRow(transaction, name);
        if (statement === null) {
          statement = COUNT_BACKWARDS[engine.name]?.(hashOf(1), hashOf(2)).execute(database.queries) ?? null;
          await until('the statement has locked one of its rows', () => isLocked(2));
        }
        await countRow(transaction, 2);
      });
      await statement;
      assert.deepEqual(await countsIn(database.queries), [2, 2, 1, 1, 1, 1, 1, 1]);
    });
  });
}
