import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { DATABASE_OPTIONS } from '../../../tests/kit/databases.ts';
import { insertUnusualRows, readContent, UNUSUAL_ACCOUNTS } from '../../../tests/kit/rows.ts';
import type { AllTables } from '../../../tests/kit/tables.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { migrations } from '../../latchkey.ts';
import { migrate, openDatabase } from '../../platform/sql/index.ts';
import { backupSqlite } from './sqlite-backup.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

/** An open database that is in use, and a folder for its backup. */
async function databaseInUse() {
  const folder = temporaryFolder();
  const path = join(folder.path, 'data', 'latchkey.db');
  const database = openDatabase<AllTables>(`sqlite:${path}`, DATABASE_OPTIONS);
  await migrate(database, migrations, NOW);
  await insertUnusualRows(database, NOW);
  mkdirSync(join(folder.path, 'backups'));
  const file = join(folder.path, 'backups', 'monday.db');
  const end = async () => {
    await database.close();
    folder[Symbol.dispose]();
  };
  return { database, path, file, folder: join(folder.path, 'backups'), [Symbol.asyncDispose]: end };
}

type Made = { readonly file: string; readonly path: string };

function numbersIn({ file }: Made): Record<string, unknown> | undefined {
  using backup = new DatabaseSync(file, { readOnly: true });
  return backup
    .prepare(
      'SELECT (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM passwords) AS passwords',
    )
    .get();
}

describe('a backup', () => {
  it('holds all rows in one file that only its owner can read', async () => {
    await using used = await databaseInUse();
    const { file, bytes } = await backupSqlite(used.path, used.file, false);
    assert.deepEqual([file, bytes], [used.file, statSync(used.file).size]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(used.folder), ['monday.db']);
    const restored = openDatabase<AllTables>(`sqlite:${file}`, DATABASE_OPTIONS);
    assert.deepEqual(await readContent(restored), await readContent(used.database));
    await restored.close();
  });

  it('is a consistent snapshot, and does not block another connection that writes', async () => {
    await using used = await databaseInUse();
    using writer = new DatabaseSync(used.path);
    const account = writer.prepare(
      "INSERT INTO accounts (id, username, username_key, created_at) VALUES (?, '', ?, 0)",
    );
    const password = writer.prepare("INSERT INTO passwords (account_id, hash, changed_at) VALUES (?, '', 0)");
    let isDone = false;
    const backup = backupSqlite(used.path, used.file, false).finally(() => {
      isDone = true;
    });
    let written = 0;
    while (!isDone) {
      written += 1;
      const id = Buffer.alloc(16, `new ${written} `);
      writer.exec('BEGIN IMMEDIATE');
      account.run(id, `new ${written}`);
      password.run(id);
      writer.exec('COMMIT');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await backup;
    assert.ok(written > 0);
    const found = numbersIn(used);
    assert.equal(found?.['accounts'], found?.['passwords'], 'no transaction is there in half');
    assert.ok(Number(found?.['accounts']) >= UNUSUAL_ACCOUNTS);
  });

  it('overwrites no file unless asked to', async () => {
    await using used = await databaseInUse();
    writeFileSync(used.file, 'last Monday');
    await assert.rejects(backupSqlite(used.path, used.file, false), {
      name: 'BackupError',
      message: `${used.file} is there already; --force replaces it`,
    });
    assert.equal(readFileSync(used.file, 'utf8'), 'last Monday');
    await backupSqlite(used.path, used.file, true);
    assert.equal(statSync(used.file).mode & 0o777, 0o600);
    assert.equal(numbersIn(used)?.['accounts'], UNUSUAL_ACCOUNTS);
    assert.deepEqual(readdirSync(used.folder), ['monday.db']);
  });

  it('never overwrites a database in use, even if asked to', async () => {
    await using used = await databaseInUse();
    const other = openDatabase<AllTables>(`sqlite:${used.file}`, DATABASE_OPTIONS);
    await migrate(other, migrations, NOW);
    const attempts = [
      [used.path, /^BackupError: .*latchkey\.db is the database itself; give another name$/],
      [used.file, /^BackupError: .*monday\.db-wal shows that a database is in use there; give another name$/],
    ] as const;
    for (const [file, expected] of attempts) {
      for (const overwrite of [true, false])
        await assert.rejects(backupSqlite(used.path, file, overwrite), expected);
    }
    await other.close();
  });

  it('leaves no file behind if the source cannot be backed up', async () => {
    await using used = await databaseInUse();
    const letter = join(used.folder, 'letter.txt');
    writeFileSync(letter, 'Dear Ada, this is no database at all. '.repeat(100));
    const foreign = join(used.folder, 'foreign.db');
    new DatabaseSync(foreign).exec('CREATE TABLE songs (name TEXT)');
    const before = readdirSync(used.folder);
    const attempts = [
      [
        letter,
        used.file,
        /^BackupError: cannot back .*letter\.txt up to .*monday\.db \(file is not a database\)$/,
      ],
      [foreign, used.file, /^BackupError: .*foreign\.db holds nothing of Latchkey$/],
      [join(used.folder, 'missing.db'), used.file, /^BackupError: there is no database file .*missing\.db$/],
      [':memory:', used.file, /^BackupError: a database in memory/],
      [
        used.path,
        join(used.folder, 'no', 'folder.db'),
        /^BackupError: .*folder\.db cannot be made \(ENOENT\)$/,
      ],
    ] as const;
    for (const [path, file, expected] of attempts) {
      await assert.rejects(backupSqlite(path, file, false), expected);
      assert.deepEqual(readdirSync(used.folder), before);
    }
    await assert.rejects(backupSqlite(used.path, used.folder, true), /^BackupError: cannot back/);
    assert.equal(existsSync(used.file), false);
  });
});
