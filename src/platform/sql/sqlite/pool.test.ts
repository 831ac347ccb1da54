import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import type { Database } from '../database.ts';
import { openSqlite } from './open.ts';

describe('a transaction on the one writing connection', () => {
  it('leaves nothing behind if its first statement fails or it runs none, with asynchronous commit or not', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'users.db');
    const database = openSqlite(path);
    await sql`create table t (x unique)`.execute(database.queries);
    await sql`insert into t values (1)`.execute(database.queries);
    const works: readonly Database<unknown>['transaction'][] = [
      database.asyncCommit.transaction,
      database.transaction,
    ];
    for (const run of [...works, ...works.toReversed()]) {
      const twice = run((transaction) => sql`insert into t values (1)`.execute(transaction));
      await assert.rejects(twice, /UNIQUE/);
      const unknown = run((transaction) => sql`select 1 from nowhere`.execute(transaction));
      await assert.rejects(unknown, /no such table/);
      await run(async () => {});
      const never = run(async () => {
        throw new Error('before any statement');
      });
      await assert.rejects(never, /before any statement/);
      // Were a transaction still open, this would be part of it.
      await run((transaction) => sql`insert into t values (2)`.execute(transaction));
      using other = new DatabaseSync(path);
      assert.equal(other.prepare('select count(*) as count from t').get()?.['count'], 2);
      await sql`delete from t where x = 2`.execute(database.queries);
    }
    await database.close();
  });

  it('waits for the disk after one with asynchronous commit and one that failed before its first statement', async () => {
    using folder = temporaryFolder();
    const database = openSqlite(join(folder.path, 'users.db'));
    await sql`create table t (x)`.execute(database.queries);
    await database.asyncCommit.transaction((transaction) =>
      sql`insert into t values (1)`.execute(transaction),
    );
    const never = database.transaction(async () => {
      throw new Error('before any statement');
    });
    await assert.rejects(never, /before any statement/);
    // https://www.sqlite.org/pragma.html#pragma_synchronous: 2 is FULL.
    const { rows } = await database.transaction((transaction) =>
      sql`pragma synchronous`.execute(transaction),
    );
    assert.deepEqual(rows, [{ synchronous: 2 }]);
    await database.close();
  });

  it('writes nothing if it could not begin, whatever statements follow', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'users.db');
    const database = openSqlite(path);
    await sql`create table t (x)`.execute(database.queries);
    await sql`pragma busy_timeout = 1`.execute(database.queries);
    using other = new DatabaseSync(path);
    other.exec('begin immediate');
    const stubborn = database.transaction(async (transaction) => {
      await assert.rejects(sql`insert into t values (1)`.execute(transaction), /locked/);
      other.exec('commit');
      await assert.rejects(sql`insert into t values (2)`.execute(transaction), /locked/);
      throw new Error('given up');
    });
    await assert.rejects(stubborn, /given up/);
    await database.transaction((transaction) => sql`insert into t values (3)`.execute(transaction));
    assert.deepEqual((await sql`select x from t`.execute(database.queries)).rows, [{ x: 3 }]);
    await database.close();
  });
});
