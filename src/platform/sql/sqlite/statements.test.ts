import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { keepStatements } from './statements.ts';

/** More than are kept. */
const MANY = Array.from({ length: 250 }, (_, number) => `select ${number} as number`);

describe('prepared statements', () => {
  it('are prepared once and cached', () => {
    const database = keepStatements(new DatabaseSync(':memory:'));
    const statement = database.prepare('select ? as value');
    assert.equal(database.prepare('select ? as value'), statement);
    assert.deepEqual({ ...Object(statement.all(['one'])[0]) }, { value: 'one' });
    database.close();
  });

  it('are evicted when they have not been used for long, so that the cache stays bounded', () => {
    const database = keepStatements(new DatabaseSync(':memory:'));
    const busy = database.prepare('select 1');
    const rare = database.prepare('select 2');
    for (const text of MANY) {
      database.prepare(text);
      assert.equal(database.prepare('select 1'), busy);
    }
    assert.notEqual(database.prepare('select 2'), rare);
    database.close();
  });

  it('take the write lock at the beginning of a transaction, so that none fails midway', () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'latchkey.db');
    const [one, other] = [new DatabaseSync(path), new DatabaseSync(path, { timeout: 0 })];
    const database = keepStatements(one);
    database.prepare('begin').run([]);
    assert.throws(() => other.exec('begin immediate'), /database is locked/);
    database.prepare('rollback').run([]);
    other.exec('begin immediate');
    for (const connection of [one, other]) connection.close();
  });

  it('reject a value that SQLite has no type for', () => {
    const database = keepStatements(new DatabaseSync(':memory:'));
    const statement = database.prepare('select ? as value');
    for (const value of [true, undefined, new Date(0), {}]) {
      assert.throws(() => statement.all([value]), /^TypeError: SQLite takes no (boolean|undefined|object)/);
    }
    for (const value of [null, 1, 1n, 'text', new Uint8Array(2)]) statement.all([value]);
    database.close();
  });

  it('report how many rows they changed, and whether they return rows', () => {
    const database = keepStatements(new DatabaseSync(':memory:'));
    database.prepare('create table t (a integer)').run([]);
    const insert = database.prepare('insert into t values (?), (?)');
    assert.equal(insert.reader, false);
    assert.equal(insert.run([1, 2]).changes, 2);
    const select = database.prepare('select a from t order by a');
    assert.equal(select.reader, true);
    assert.deepEqual(
      [...select.iterate([])].map((row) => ({ ...Object(row) })),
      [{ a: 1 }, { a: 2 }],
    );
    database.close();
  });
});
