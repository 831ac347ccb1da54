import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import type { AllTables, Database } from '../../../../tests/kit/tables.ts';
import { temporaryFolder } from '../../../../tests/kit/temporary.ts';
import { migrations } from '../../../latchkey.ts';
import { idToBytes, newId } from '../../text/uuid.ts';
import { DatabaseStartError } from '../database.ts';
import { migrate } from '../migrate.ts';
import { openSqlite } from './open.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

/** An empty schema in a file of its own. */
async function freshDatabase() {
  const folder = temporaryFolder();
  const path = join(folder.path, 'made', 'here', 'latchkey.db');
  const database = openSqlite<AllTables>(path);
  await migrate(database, migrations, NOW);
  const end = async () => {
    await database.close();
    folder[Symbol.dispose]();
  };
  return { database, folder: folder.path, path, [Symbol.asyncDispose]: end };
}

function account(name: string, id = newId(NOW)) {
  const empty = { email: null, email_key: null, email_verified_at: null, disabled_at: null, delete_at: null };
  return { id: idToBytes(id), username: name, username_key: name, created_at: NOW, ...empty };
}

async function pragma({ queries }: Database, name: string): Promise<unknown> {
  const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(queries);
  return Object.values(rows[0] ?? {})[0];
}

async function names({ queries }: Database): Promise<readonly string[]> {
  return (await queries.selectFrom('accounts').select('username').execute()).map(({ username }) => username);
}

describe('a SQLite database', () => {
  it('uses write-ahead logging and syncs every commit to the disk', async () => {
    await using fresh = await freshDatabase();
    assert.equal(await pragma(fresh.database, 'journal_mode'), 'wal');
    assert.equal(await pragma(fresh.database, 'synchronous'), 2, 'FULL');
  });

  it('clusters accounts by their id, so that a look-up descends one tree instead of two', async () => {
    await using fresh = await freshDatabase();
    const finding = sql<{ detail: string }>`explain query plan select username from accounts where id = ${0}`;
    const { rows } = await finding.execute(fresh.database.queries);
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      ['SEARCH accounts USING PRIMARY KEY (id=?)'],
    );
  });

  it('enforces its foreign keys', async () => {
    await using fresh = await freshDatabase();
    const { queries } = fresh.database;
    const orphan = { account_id: idToBytes(newId(NOW)), hash: 'x', changed_at: NOW };
    await assert.rejects(queries.insertInto('passwords').values(orphan).execute(), /FOREIGN KEY/);
    const ada = account('ada');
    await queries.insertInto('accounts').values(ada).execute();
    await queries
      .insertInto('passwords')
      .values({ ...orphan, account_id: ada.id })
      .execute();
    await queries.deleteFrom('accounts').execute();
    assert.deepEqual(await queries.selectFrom('passwords').selectAll().execute(), []);
  });

  it('is readable by its owner alone, with all its files and the folders created for it', async () => {
    await using fresh = await freshDatabase();
    const files = readdirSync(join(fresh.folder, 'made', 'here'));
    assert.deepEqual(files.sort(), ['latchkey.db', 'latchkey.db-shm', 'latchkey.db-wal']);
    for (const file of files)
      assert.equal(statSync(join(fresh.folder, 'made', 'here', file)).mode & 0o777, 0o600, file);
    for (const folder of ['made', 'made/here'])
      assert.equal(statSync(join(fresh.folder, folder)).mode & 0o777, 0o700, folder);
  });

  it('is made private when it is opened while others can read it', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'latchkey.db');
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    await openSqlite<AllTables>(path).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is created at its literal path, even if that looks like a URL', async () => {
    using folder = temporaryFolder();
    const home = process.cwd();
    process.chdir(folder.path);
    const database = openSqlite<AllTables>('file:users.db');
    assert.equal(database.location, join(folder.path, 'file:users.db'));
    await database.close();
    process.chdir(home);
    assert.deepEqual(readdirSync(folder.path), ['file:users.db']);
  });

  it('is awaited while another process writes, and does not block the event loop', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'users.db');
    const database = openSqlite<AllTables>(path);
    await sql`create table t (x)`.execute(database.queries);
    using other = new DatabaseSync(path);
    other.exec('begin immediate');
    const writing = sql`insert into t values (1)`.execute(database.queries).then(() => 'written');
    for (let turn = 0; turn < 100; turn += 1) {
      const turned = new Promise((resolve) => setImmediate(resolve, 'still waiting'));
      assert.equal(await Promise.race([writing, turned]), 'still waiting');
    }
    other.exec('commit');
    assert.equal(await writing, 'written');
    await database.close();
  });

  it('does not change the mode of a file that is no database', () => {
    using folder = temporaryFolder();
    const letter = join(folder.path, 'letter.txt');
    writeFileSync(letter, 'Dear Ada, this is no database at all. '.repeat(100), { mode: 0o644 });
    assert.throws(() => openSqlite<AllTables>(letter), DatabaseStartError);
    assert.equal(statSync(letter).mode & 0o777, 0o644);
  });

  it('makes its WAL and shared memory files private, too', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'users.db');
    const first = openSqlite<AllTables>(path);
    await sql`create table t (x)`.execute(first.queries);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) chmodSync(file, 0o644);
    const second = openSqlite<AllTables>(path);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file);
    }
    await second.close();
    await first.close();
  });

  it('reports in one line that it cannot be opened', () => {
    using folder = temporaryFolder();
    const text = join(folder.path, 'letter.txt');
    writeFileSync(text, 'Dear Ada, this is no database at all. '.repeat(100));
    mkdirSync(join(folder.path, 'folder'));
    for (const path of [text, join(folder.path, 'folder'), join(text, 'below')]) {
      assert.throws(
        () => openSqlite<AllTables>(path),
        (error: Error) => {
          assert.ok(error instanceof DatabaseStartError);
          assert.match(error.message, /^DATABASE_URL: cannot open the database file .* \(.*\)$/);
          assert.ok(error.message.includes(path));
          return true;
        },
      );
    }
    assert.match(readFileSync(text, 'utf8'), /^Dear Ada/, 'and what it was is left alone');
  });
});

describe('a transaction', () => {
  it('leaves no rows when it fails, and does not block the next one', async () => {
    await using fresh = await freshDatabase();
    const { database } = fresh;
    const failing = database.transaction(async (transaction) => {
      await transaction.insertInto('accounts').values(account('ada')).execute();
      throw new Error('no');
    });
    await assert.rejects(failing, /^Error: no$/);
    const twice = database.transaction(async (transaction) => {
      await transaction.insertInto('accounts').values(account('ben')).execute();
      await transaction.insertInto('accounts').values(account('ben')).execute();
    });
    await assert.rejects(twice, /UNIQUE/);
    await database.transaction((transaction) =>
      transaction.insertInto('accounts').values(account('cleo')).execute(),
    );
    assert.deepEqual(await names(database), ['cleo']);
  });

  it('is atomic with asynchronous commit, too, but commits without waiting for the disk', async () => {
    await using opened = await freshDatabase();
    const { database } = opened;
    const levelWithin = (run: Database['transaction']) =>
      run(
        async (transaction) =>
          (await sql<{ synchronous: number }>`pragma synchronous`.execute(transaction)).rows,
      );
    const [asynchronous, between, usual] = await Promise.all([
      levelWithin(database.asyncCommit.transaction),
      pragma(database, 'synchronous'),
      levelWithin(database.transaction),
    ]);
    assert.deepEqual([asynchronous, between, usual], [[{ synchronous: 1 }], 2, [{ synchronous: 2 }]]);
    await database.asyncCommit.transaction((transaction) =>
      transaction.insertInto('accounts').values(account('Ada')).execute(),
    );
    const failing = database.asyncCommit.transaction(async (transaction) => {
      await transaction.insertInto('accounts').values(account('Ben')).execute();
      throw new Error('on purpose');
    });
    await assert.rejects(failing, /on purpose/);
    assert.deepEqual([await names(database), await pragma(database, 'synchronous')], [['Ada'], 2]);
  });

  it('is not visible to look-ups until it commits', async () => {
    await using fresh = await freshDatabase();
    const { queries, lookUp, transaction } = fresh.database;
    const find = lookUp(
      queries.selectFrom('accounts').select('username').where('username_key', '=', '').compile(),
    );
    await transaction(async (inside) => {
      await inside.insertInto('accounts').values(account('ada')).execute();
      assert.equal(await find('ada'), undefined);
    });
    assert.equal((await find('ada'))?.username, 'ada');
  });
});

describe('a database error', () => {
  it('is a unique violation only if a unique index held the value already', async () => {
    await using fresh = await freshDatabase();
    const { queries, isUniqueViolation, isUnavailable } = fresh.database;
    const ada = account('ada');
    const errorOf = (values: object) =>
      queries
        .insertInto('accounts')
        .values({ ...ada, ...values })
        .execute()
        .then(() => null)
        .catch((error: unknown) => error);
    assert.equal(await errorOf({}), null);
    const others = { id: idToBytes(newId(NOW)), username_key: 'another' };
    assert.equal(isUniqueViolation(await errorOf({ id: others.id })), true, 'the name is there');
    assert.equal(
      isUniqueViolation(await errorOf({ username_key: others.username_key })),
      true,
      'the id is there',
    );
    const missing = await errorOf({ ...others, username: null });
    assert.match(String(missing), /NOT NULL/);
    assert.equal(isUniqueViolation(missing), false);
    assert.equal(isUnavailable(missing), false);
    for (const strange of [new Error('UNIQUE'), { errcode: 2067 }, 'UNIQUE', null, undefined])
      assert.equal(isUniqueViolation(strange), false);
  });

  it('means unavailability after the database was closed, which may happen twice', async () => {
    await using fresh = await freshDatabase();
    const { database } = fresh;
    await database.ping();
    await database.close();
    await assert.rejects(database.ping());
    const error = await names(database).catch((caught: unknown) => caught);
    assert.equal(database.isUnavailable(error), true);
  });
});
