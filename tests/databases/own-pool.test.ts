import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createPool } from 'mysql2';
import * as mysqlPromise from 'mysql2/promise';
import { Client, Pool } from 'pg';
import { z } from 'zod';
import { type ApplicationPool, createLatchkey, type Latchkey, type Options } from '../../src/index.ts';
import { migrations } from '../../src/latchkey.ts';
import { readApplicationPool } from '../../src/platform/sql/index.ts';
import { servers } from '../kit/databases.ts';
import { type CommandResult, runCommands } from '../kit/processes.ts';
import { SECRET_KEY } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA, createVisitor, type Visitor } from '../kit/visitor.ts';

/** The pool of an application, whose connections have other settings than those of Latchkey’s own. */
type OwnPool = {
  readonly pool: ApplicationPool;
  /** The rows of a query of the application, on a connection of this pool. */
  readonly rows: (query: string) => Promise<readonly unknown[]>;
  readonly end: () => Promise<void>;
};

type Kind = {
  readonly name: string;
  readonly engine: string;
  readonly open: (url: string, max: number) => OwnPool;
  /** Reads settings of a connection that no use of the pool may change. */
  readonly settings: string;
};

const MYSQL_OPTIONS = {
  // As an application may want them.
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  namedPlaceholders: true,
  decimalNumbers: true,
};
const MYSQL_SETTINGS = `show variables
  where variable_name in ('tx_isolation', 'transaction_isolation', 'sql_mode', 'innodb_lock_wait_timeout')`;

const kinds: readonly Kind[] = [
  {
    name: 'pg',
    engine: 'PostgreSQL',
    settings: `select current_setting('search_path') as path, current_setting('transaction_isolation') as isolation`,
    open: (connectionString, max) => {
      const options = '-c search_path=pg_catalog -c default_transaction_isolation=serializable';
      const pool = new Pool({ connectionString, max, options, types: { getTypeParser: () => String } });
      pool.on('error', () => {});
      return { pool, rows: async (query) => (await pool.query(query)).rows, end: () => pool.end() };
    },
  },
  {
    name: 'mysql2/promise',
    engine: 'MariaDB',
    settings: MYSQL_SETTINGS,
    open: (uri, connectionLimit) => {
      const pool = mysqlPromise.createPool({ uri, connectionLimit, ...MYSQL_OPTIONS });
      return { pool, rows: async (query) => [...Object(await pool.query(query))[0]], end: () => pool.end() };
    },
  },
  {
    name: 'mysql2',
    engine: 'MariaDB',
    settings: MYSQL_SETTINGS,
    open: (uri, connectionLimit) => {
      const pool = createPool({ uri, connectionLimit, ...MYSQL_OPTIONS });
      const asked = pool.promise();
      return {
        pool,
        rows: async (query) => [...Object(await asked.query(query))[0]],
        end: () => asked.end(),
      };
    },
  },
];

function startOn(pool: ApplicationPool, options: Options = {}) {
  const latchkey = createLatchkey({
    database: { pool },
    secretKey: SECRET_KEY,
    // The minimum: a better hash would not change what the pool does.
    passwordHash: 'm=19456,t=2,p=1',
    logLevel: 'silent',
    registrationMinTime: '0s',
    ...options,
  });
  const visitor = () => createVisitor((request) => latchkey.fetch(request), 'http://localhost:3000');
  return { latchkey, visitor };
}

/** Registers, signs in, and signs in again in twenty browsers at once. */
async function use(visitor: () => Visitor): Promise<void> {
  const ada = visitor();
  assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
  const browsers = Array.from({ length: 20 }, visitor);
  const answers = await Promise.all(browsers.map((browser) => browser.signIn(ADA.username, ADA.password)));
  assert.ok(answers.every(({ status }) => status === 303));
  const sessions = await Promise.all(browsers.map((browser) => browser.get('/api/session')));
  assert.ok(sessions.every(({ status }) => status === 200));
}

async function failureOf(latchkey: Latchkey): Promise<string> {
  try {
    await latchkey.ready;
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await latchkey.close();
  }
}

for (const engine of servers) {
  for (const kind of kinds.filter((own) => own.engine === engine.name)) {
    describe(`the application’s own pool of ${kind.name}`, () => {
      it('serves requests whatever its connections are set to, keeps them, and stays open', async () => {
        await using empty = await engine.create();
        const own = kind.open(empty.url, 3);
        try {
          const before = await own.rows(kind.settings);
          const { latchkey, visitor } = startOn(own.pool);
          await latchkey.ready;
          await use(visitor);
          await latchkey.close();
          for (let number = 0; number < 6; number += 1)
            assert.deepEqual(await own.rows(kind.settings), before);
        } finally {
          await own.end();
        }
      });

      it('has the tables in the schema, or behind the prefix, of the options', async () => {
        await using empty = await engine.create();
        const own = kind.open(empty.url, 2);
        try {
          const { latchkey } = startOn(own.pool, { databaseSchema: 'staff', databasePrefix: 'staff_' });
          await latchkey.ready;
          await latchkey.close();
          const users = kind.name === 'pg' ? 'staff.users' : 'staff_users';
          assert.deepEqual(await own.rows(`select id from ${users}`), []);
        } finally {
          await own.end();
        }
      });
    });
  }
}

/** The commands of an application that has its pool in `latchkey.config.js`. */
async function withConfiguredPool(
  { engine, name }: Kind,
  url: string,
  use: (
    run: (...lines: readonly (readonly string[])[]) => Promise<readonly CommandResult[]>,
  ) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const [driver, creation] =
    engine === 'PostgreSQL'
      ? ['pg', `new driver.Pool({ connectionString: '${url}', max: 2 })`]
      : [name, `driver.createPool({ uri: '${url}', connectionLimit: 2 })`];
  const file = join(folder.path, 'latchkey.config.js');
  writeFileSync(
    file,
    `import driver from '${import.meta.resolve(driver)}';
    const pool = ${creation};
    export const end = () => pool.end();
    export default { database: { pool }, databaseSchema: 'staff', databasePrefix: 'staff_', secretKey: '${SECRET_KEY}' };`,
  );
  try {
    await use((...lines) => runCommands(folder.path, lines));
  } finally {
    await (await import(pathToFileURL(file).href)).end();
  }
}

for (const engine of servers) {
  for (const kind of kinds.filter((own) => own.engine === engine.name)) {
    describe(`latchkey.config.js with a pool of ${kind.name}`, () => {
      it('gives the commands its database, and the schema or prefix of its options', async () => {
        await using empty = await engine.create();
        await withConfiguredPool(kind, empty.url, async (run) => {
          const [early, migrated, created, listed] = await run(
            ['user', 'list', '--json'],
            ['migrate', '--json'],
            ['user', 'create', ADA.username, '--json'],
            ['user', 'list', '--json'],
          );
          assert.match(String(early?.stderr), /run: latchkey migrate/);
          assert.equal(migrated?.status, 0, migrated?.stderr);
          assert.equal(JSON.parse(migrated.stdout).length, migrations.length);
          assert.equal(created?.status, 0, created?.stderr);
          const users: readonly { username: string }[] = JSON.parse(listed?.stdout ?? '');
          assert.deepEqual(
            users.map(({ username }) => username),
            [ADA.username],
          );
        });
        const own = kind.open(empty.url, 1);
        const view = kind.name === 'pg' ? 'staff.users' : 'staff_users';
        const rows = await own.rows(`select username from ${view}`);
        await own.end();
        assert.deepEqual(
          rows.map((row) => Object(row).username),
          [ADA.username],
        );
      });

      it('is what doctor looks at and copy reads its names from, and no address is shown for it', async () => {
        await using empty = await engine.create();
        await using target = await engine.create();
        await withConfiguredPool(kind, empty.url, async (run) => {
          const addresses = ['--from', empty.url, '--to', target.url];
          const [, doctor, copied, settings] = await run(
            ['migrate'],
            ['doctor', '--json'],
            ['copy', ...addresses, '--json'],
            ['settings', '--json'],
          );
          const { findings } = findingsSchema.parse(JSON.parse(doctor?.stdout ?? ''));
          const verdicts = findings.filter(({ check }) => /database|schema/.test(check));
          assert.deepEqual(
            verdicts.map(({ check, verdict }) => [check, verdict]),
            [
              ['database', 'ok'],
              ['schema', 'ok'],
            ],
          );
          assert.equal(copied?.status, 0, copied?.stderr);
          const shown: readonly { name: string; value: string | null }[] = JSON.parse(settings?.stdout ?? '');
          assert.equal(shown.find(({ name: setting }) => setting === 'DATABASE_URL')?.value, null);
        });
      });

      it('is no address of which backup could name the command', async () => {
        await using empty = await engine.create();
        await withConfiguredPool(kind, empty.url, async (run) => {
          const [backup] = await run(['backup', 'copy.db']);
          assert.notEqual(backup?.status, 0);
          assert.match(String(backup?.stderr), /nothing was made: .* database\.pool/);
        });
      });
    });
  }
}

const findingsSchema = z.object({
  findings: z.array(z.object({ check: z.string(), verdict: z.string(), what: z.string() })),
});

describe('the option database.pool', () => {
  it('is refused with what would be right if it is no pool, or if there is an address, too', () => {
    const methods = { connect: async () => assert.fail(), query: async () => assert.fail() };
    const wrong: readonly object[] = [
      {},
      new Client(),
      methods,
      { getConnection: async () => assert.fail() },
    ];
    for (const pool of wrong)
      assert.deepEqual(readApplicationPool(pool), {
        ok: false,
        problem: 'is no pool of pg or mysql2; give new Pool({ … }) of pg, or createPool({ … }) of mysql2',
      });
    assert.throws(() => startOn(methods), { message: /^database\.pool: is no pool of pg or mysql2; / });
    assert.throws(() => startOn(new Pool(), { databaseUrl: 'sqlite::memory:' }), {
      message: /^database\.pool: is given, and databaseUrl, too; /,
    });
  });
});

for (const engine of servers.filter(({ name }) => name === 'MariaDB')) {
  describe('a pool of MariaDB whose connections would lose what is written', () => {
    const wrong: readonly (readonly [mysqlPromise.PoolOptions, string])[] = [
      [{ charset: 'latin1' }, "its connections use latin1; give charset: 'utf8mb4'"],
      [
        { flags: ['-FOUND_ROWS'] },
        'its connections count changed rows only; take “-FOUND_ROWS” out of its flags',
      ],
    ];
    for (const [options, problem] of wrong) {
      it(`is refused at start: ${problem}`, async () => {
        await using empty = await engine.create();
        const pool = mysqlPromise.createPool({ uri: empty.url, ...options });
        assert.equal(await failureOf(startOn(pool).latchkey), `database.pool: ${problem}`);
        await pool.end();
      });
    }

    it('is refused at start if it truncates what is too long', async () => {
      await using empty = await engine.create();
      const pool = createPool({ uri: empty.url });
      pool.on('connection', (connection) => connection.query(`set session sql_mode = ''`));
      const { latchkey } = startOn(pool);
      assert.match(await failureOf(latchkey), /^database\.pool: .* add STRICT_TRANS_TABLES to sql_mode$/);
      await pool.promise().end();
    });
  });
}
