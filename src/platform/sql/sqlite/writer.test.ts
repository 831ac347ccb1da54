import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { isUniqueViolation } from './errors.ts';
import { openSqlite } from './open.ts';
import { type Writer, writeInThread } from './writer.ts';

/** Lets what is scheduled happen. */
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

const statement = (text: string, ...values: readonly unknown[]) => ({ text, values });

describe('the writing thread', () => {
  it('runs statements in order, and returns rows, counts and errors as the connection does', async () => {
    using folder = temporaryFolder();
    const writer = writeInThread(join(folder.path, 'users.db'));
    const bytes = Buffer.from('an id');
    const results = await Promise.all([
      writer.run(statement('create table t (x unique)')),
      writer.run(statement('insert into t values (?), (?)', bytes, null)),
      writer.run(statement('select x from t order by x')),
    ]);
    const [, inserted, selected] = results;
    assert.equal(inserted?.changes, 2);
    assert.deepEqual(selected?.rows, [{ x: null }, { x: new Uint8Array(bytes) }]);
    const twice = await writer.run(statement('insert into t values (?)', bytes)).catch((error) => error);
    assert.equal(isUniqueViolation(twice), true);
    await assert.rejects(writer.run(statement('select 1 from nowhere')), /no such table: nowhere/);
    await writer.close();
  });

  it('finishes its queue before it closes, and accepts nothing afterwards', async () => {
    using folder = temporaryFolder();
    const writer = writeInThread(join(folder.path, 'users.db'));
    const last = writer.run(statement('select 1 as x'));
    await writer.close();
    assert.deepEqual((await last).rows, [{ x: 1 }]);
    await assert.rejects(writer.run(statement('select 1')), /the writing thread ended/);
    await writer.close();
  });

  it('serves the next file when its own is closed, without what was asked for the first', async () => {
    using folder = temporaryFolder();
    const [one, other] = ['one.db', 'other.db'].map((name) => join(folder.path, name));
    assert.ok(one !== undefined && other !== undefined);
    const first = writeInThread(one);
    await first.run(statement('create table t (x)'));
    const closed = first.close();
    const late = first.run(statement('insert into t values (1)'));
    await assert.rejects(late, /the writing thread ended/);
    await closed;
    const second = writeInThread(other);
    await assert.rejects(second.run(statement('select 1 from t')), /no such table: t/);
    await assert.rejects(first.run(statement('create table u (x)')), /the writing thread ended/);
    await second.close();
  });

  it('rolls back its transaction when it dies, and is replaced', async () => {
    using folder = temporaryFolder();
    const { thread, database } = await openOnNewThread(folder.path);
    await sql`create table t (x)`.execute(database.queries);
    const underWay = database.transaction(async (transaction) => {
      await sql`insert into t values (1)`.execute(transaction);
      await thread.terminate();
      await sql`insert into t values (2)`.execute(transaction);
    });
    await assert.rejects(underWay, /the writing thread ended/);
    await sql`insert into t values (3)`.execute(database.queries);
    assert.deepEqual((await sql`select x from t`.execute(database.queries)).rows, [{ x: 3 }]);
    await database.close();
  });
});

/** Opens a database on a thread of its own: those that serve closed files are given out first. */
async function openOnNewThread(folder: string) {
  const others: Writer[] = [];
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  process.on('worker', note);
  for (let number = 0; started.length === 0; number += 1) {
    others.push(writeInThread(join(folder, `${number}.db`)));
    await turnOfTheLoop();
  }
  const database = openSqlite(join(folder, 'users.db'));
  while (started.length < 2) await turnOfTheLoop();
  process.off('worker', note);
  for (const other of others) await other.close();
  const thread = started[1];
  assert.ok(thread !== undefined);
  return { thread, database };
}
