import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { compatibleStep, laterSteps } from '../../../tests/databases/later-steps.ts';
import {
  DATABASE_OPTIONS,
  existingDatabase,
  onEveryDatabase,
  servers,
  type TestDatabase,
} from '../../../tests/kit/databases.ts';
import { runProgram } from '../../../tests/kit/processes.ts';
import { insertUnusualRows, readContent, sessionRow, UNUSUAL_ACCOUNTS } from '../../../tests/kit/rows.ts';
import { startSystem } from '../../../tests/kit/system.ts';
import type { AllTables, Database } from '../../../tests/kit/tables.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import { migrations } from '../../latchkey.ts';
import { migrate, openDatabase } from '../../platform/sql/index.ts';
import { copyDatabase, type Progress } from './copy.ts';
import { checkSource } from './target.ts';

/** Rows per batch. */
const BATCH = 1_000;
const NOW = Date.UTC(2026, 0, 1, 12);

/** Ends the process in the middle of a copy, at the second batch, as a power failure would. */
const KILLED_AT_SECOND_BATCH = `
import { copyDatabase } from '${new URL('./copy.ts', import.meta.url)}';
const [from, to] = process.argv.slice(1);
let batches = 0;
const onProgress = () => { if (++batches === 2) process.kill(process.pid, 'SIGKILL'); };
const naming = { schema: 'latchkey', tablePrefix: 'latchkey_' };
await copyDatabase({ from, to, naming, now: 0, onProgress });`;

async function use<Result>(url: string, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The bytes of a SQLite database full of unusual rows, made once. */
let unusualBytes: Promise<Buffer> | undefined;

async function makeUnusualBytes(): Promise<Buffer> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'source.db');
  await use(`sqlite:${file}`, async (database) => {
    await migrate(database, migrations, NOW);
    await insertUnusualRows(database, NOW);
  });
  return readFileSync(file);
}

/** A copy of it, in a folder that may contain more. */
async function fullSource() {
  unusualBytes ??= makeUnusualBytes();
  const folder = temporaryFolder();
  const file = join(folder.path, 'source.db');
  writeFileSync(file, await unusualBytes, { mode: 0o600 });
  return { ...folder, url: `sqlite:${file}` };
}

function copyTo({ url }: TestDatabase, from: string, onProgress: (progress: Progress) => void = () => {}) {
  return copyDatabase({ from, to: url, naming: DATABASE_OPTIONS, now: NOW, onProgress });
}

onEveryDatabase('an interrupted copy', (engine) => {
  it('prevents a system from starting on its target, and completes when it is run again', async () => {
    using source = await fullSource();
    await using empty = await engine.create();
    const words = ['--conditions=latchkey-source', '--input-type=module', '--eval', KILLED_AT_SECOND_BATCH];
    const { signal } = await runProgram([...words, source.url, empty.url], { folder: source.path });
    assert.equal(signal, 'SIGKILL');
    const target = existingDatabase(empty.url);
    await assert.rejects(
      startSystem({}, target),
      /^DatabaseStartError: DATABASE_URL: a copy .* not finished/,
    );

    const result = await copyTo(empty, source.url);
    assert.deepEqual([result.resumed, result.verified], [true, true]);
    assert.deepEqual(
      result.tables.slice(0, 2).map(({ name, copied }) => [name, copied]),
      [
        ['accounts', 0],
        ['passwords', UNUSUAL_ACCOUNTS],
      ],
    );
    assert.deepEqual(await use(empty.url, readContent), await use(source.url, readContent));
    await (await startSystem({}, target))[Symbol.asyncDispose]();
  });

  it('continues in the middle of a table', async () => {
    using source = await fullSource();
    await using empty = await engine.create();
    const interrupted = copyTo(empty, source.url, () => {
      throw new Error('the lights went out');
    });
    await assert.rejects(interrupted, /^Error: the lights went out$/);
    const counts = await use(
      empty.url,
      async (database) => (await readContent(database))['accounts']?.length,
    );
    assert.equal(counts, BATCH);
    const { resumed, tables } = await copyTo(empty, source.url);
    assert.deepEqual([resumed, tables[0]?.copied], [true, UNUSUAL_ACCOUNTS - BATCH]);
  });

  it('is not continued from another source', async () => {
    using source = await fullSource();
    using other = await fullSource();
    await using empty = await engine.create();
    const interrupted = copyTo(empty, source.url, () => {
      throw new Error('the lights went out');
    });
    await assert.rejects(interrupted);
    await assert.rejects(
      copyTo(empty, other.url),
      /^CopyError: target: holds the unfinished copy of another source/,
    );
    await assert.rejects(copyTo({ ...empty, url: `sqlite:${join(other.path, 'new.db')}` }, empty.url), {
      name: 'CopyError',
      message: 'source: a copy into this database was not finished',
    });
  });
});

/** Changes to one side between copying and comparing. */
const CHANGES: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  'a difference of one millisecond': ({ queries }) =>
    queries
      .updateTable('passwords')
      .set({ changed_at: NOW + 8 })
      .where('hash', '=', 'null')
      .execute(),
  'a trailing space': ({ queries }) =>
    queries.updateTable('passwords').set({ hash: 'null ' }).where('hash', '=', 'null').execute(),
  'a missing row': ({ queries }) => queries.deleteFrom('passwords').where('hash', '=', 'null').execute(),
};

onEveryDatabase('the verification of a copy', (engine) => {
  for (const [name, change] of Object.entries(CHANGES)) {
    it(`finds ${name} on either side, and keeps the target marked as unfinished`, async () => {
      using source = await fullSource();
      await using empty = await engine.create();
      const interrupted = copyTo(empty, source.url, ({ done, total }) => {
        if (done === total) throw new Error('all is copied, and nothing compared');
      });
      await assert.rejects(interrupted, /all is copied/);
      await use(empty.url, change);
      const compare = async () => {
        const { resumed, verified, tables } = await copyTo(empty, source.url);
        assert.equal(resumed, true);
        const differing = tables.filter((table) => table.source.sha256 !== table.target.sha256);
        return [verified, ...differing.map((table) => table.name)];
      };
      assert.deepEqual(await compare(), [false, 'passwords']);
      await use(source.url, change);
      assert.deepEqual(await compare(), [true], 'the same again on both sides');
    });
  }

  it('finds changes at the source during the copy, unless the target refused them before', async () => {
    using source = await fullSource();
    await using empty = await engine.create();
    const add = (id: number, withSession: boolean) =>
      use(source.url, async ({ queries }) => {
        const bytes = new Uint8Array(16).fill(id);
        const account = { username: 'late', username_key: `late ${id}`, created_at: NOW };
        const none = {
          email: null,
          email_key: null,
          email_verified_at: null,
          disabled_at: null,
          delete_at: null,
        };
        await queries
          .insertInto('accounts')
          .values({ id: bytes, ...account, ...none })
          .execute();
        const session = { id: bytes, token_hash: new Uint8Array(32).fill(id), account_id: bytes };
        if (withSession) await queries.insertInto('sessions').values(sessionRow(session, NOW)).execute();
      });
    const interrupted = copyTo(empty, source.url, ({ table }) => {
      if (table === 'passwords') throw new Error('the lights went out');
    });
    await assert.rejects(interrupted, /the lights/);
    await add(0x70, false);
    assert.equal((await copyTo(empty, source.url)).verified, false);
    await use(empty.url, ({ queries }) => queries.deleteFrom('sessions').execute());
    await add(0x71, true);
    await assert.rejects(
      copyTo(empty, source.url),
      /^CopyError: target: sessions takes no such row \(.*\); was one of the two in use\? [^\n]*$/i,
    );
  });
});

for (const engine of servers) {
  describe(`a copy to ${engine.name}`, () => {
    it('names the table that refuses a row', async () => {
      using source = await fullSource();
      await using empty = await engine.create();
      const long = { username: 'a'.repeat(129) };
      await use(source.url, ({ queries }) => queries.updateTable('accounts').set(long).execute());
      await assert.rejects(
        copyTo(empty, source.url),
        /^CopyError: target: accounts takes no such row \(.*long.*\); .*$/,
      );
    });
  });
}

onEveryDatabase('the target of a copy', (engine) => {
  it('is refused unchanged if it is not empty', async () => {
    using source = await fullSource();
    await using empty = await engine.create();
    await use(empty.url, async (database) => {
      await migrate(database, migrations, NOW);
      await insertOneAccount(database);
    });
    await assert.rejects(copyTo(empty, source.url), {
      name: 'CopyError',
      message: 'target: is not empty (accounts: 1 rows); give an empty database',
    });
    await use(empty.url, async ({ queries }) => {
      const steps = await queries.selectFrom('migrations').select('number').execute();
      assert.deepEqual(
        steps.map(({ number }) => number),
        migrations.map(({ number }) => number),
      );
    });
  });

  it('is not empty after a finished copy', async () => {
    using source = await fullSource();
    await using empty = await engine.create();
    assert.equal((await copyTo(empty, source.url)).verified, true);
    await assert.rejects(copyTo(empty, source.url), /^CopyError: target: is not empty/);
  });

  it('is refused if it or the source is of a newer version, and so is an older source', async () => {
    using source = await fullSource();
    await using empty = await engine.create();
    await use(empty.url, async (database) => {
      await migrate(database, migrations, NOW);
      await assert.rejects(checkSource({ name: 'source', database }, laterSteps), {
        message: `source: the database lacks schema step ${compatibleStep.number}; bring it up to date with latchkey migrate first`,
      });
      const newer = { number: 999, name: 'from the future', applied_at: NOW };
      await database.queries.insertInto('migrations').values(newer).execute();
    });
    await assert.rejects(copyTo(empty, source.url), /^DatabaseStartError: target: .* newer Latchkey/);
    await assert.rejects(
      copyTo({ ...empty, url: source.url }, empty.url),
      /^DatabaseStartError: source: .* newer/,
    );
  });

  it('cannot be the source', async () => {
    await using empty = await engine.create();
    await assert.rejects(copyTo(empty, empty.url), /^CopyError: source/);
  });
});

describe('the source of a copy', () => {
  it('is refused if it holds a value that its schema does not know', async () => {
    using source = await fullSource();
    await use(source.url, ({ queries }) => sql`update counters set expires_at = 'soon'`.execute(queries));
    await assert.rejects(
      copyDatabase({
        from: source.url,
        to: `sqlite:${join(source.path, 'new.db')}`,
        naming: DATABASE_OPTIONS,
        now: NOW,
      }),
      {
        name: 'CopyError',
        message: 'source: counters.expires_at holds something that is no number',
      },
    );
  });

  it('is refused if it is missing, empty or in memory, and no file is created', async () => {
    using folder = temporaryFolder();
    using source = await fullSource();
    const [missing, target] = ['missing.db', 'target.db'].map((name) => join(folder.path, name));
    const to = `sqlite:${target}`;
    const attempts = [
      [`sqlite:${missing}`, to, /^CopyError: source: there is no database file .*missing\.db$/],
      ['sqlite::memory:', to, /^CopyError: source: a database in memory/],
      [source.url, 'sqlite::memory:', /^CopyError: target: a database in memory/],
      ['oracle://here', to, /^DatabaseStartError: source: its value names no database/],
    ] as const;
    for (const [from, into, expected] of attempts)
      await assert.rejects(copyDatabase({ from, to: into, naming: DATABASE_OPTIONS, now: NOW }), expected);
    assert.equal(existsSync(String(missing)) || existsSync(String(target)), false);
  });
});

async function insertOneAccount({ queries }: Database): Promise<void> {
  await sql`insert into ${sql.table('accounts')} (id, username, username_key, created_at)
    values (${new Uint8Array(16)}, ${'Ada'}, ${'ada'}, ${NOW})`.execute(queries);
}
