import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { migrations } from '../../src/latchkey.ts';
import { migrate } from '../../src/platform/sql/index.ts';
import { asApplication, WORDS } from '../kit/application.ts';
import { START_OF_TESTS } from '../kit/clock.ts';
import { existingDatabase, onEveryDatabase, servers } from '../kit/databases.ts';
import { accountIdOf, disableAccount, reachInside, startSystem } from '../kit/system.ts';
import { ADA, BEN } from '../kit/visitor.ts';

const textOf = (value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);

/** A time as the engine shows it, in milliseconds. */
const timeOf = (value: unknown) => (value instanceof Date ? value : new Date(String(value))).getTime();

onEveryDatabase('an application in the same database', (engine) => {
  it('reads the users of Latchkey in a view of stable columns', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    await system.visitor().register(BEN.username, BEN.password);
    await disableAccount(system, BEN.username);
    await using application = asApplication(system.databaseUrl);
    const { users } = WORDS[application.database.engine];
    const [ada, ben] = await application.rows(`select * from ${users} order by username`);
    const own = ['id', 'username', 'email', 'email_verified', 'created_at', 'disabled'];
    const bytes = application.database.engine === 'postgresql' ? [] : ['id_bytes'];
    assert.deepEqual(Object.keys(ada ?? {}).sort(), [...own, ...bytes].sort());
    const id = String(await accountIdOf(system, ADA.username));
    const hex = id.replaceAll('-', '');
    assert.ok([id, hex].includes(textOf(ada?.['id'])));
    if (bytes.length > 0) assert.deepEqual([ada?.['id'], textOf(ada?.['id_bytes'])], [id, hex]);
    assert.deepEqual(
      [ada, ben].map((row) => [row?.['username'], row?.['email'], Boolean(row?.['disabled'])]),
      [
        [ADA.username, 'ada@example.org', false],
        [BEN.username, null, true],
      ],
    );
    assert.equal(Boolean(ada?.['email_verified']), false);
    assert.equal(timeOf(ada?.['created_at']), START_OF_TESTS);
  });

  it('refers to accounts with foreign keys, and its rows are deleted with them', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    await using application = asApplication(system.databaseUrl);
    const { id, users, accounts } = WORDS[application.database.engine];
    const userId = application.database.engine === 'postgresql' ? 'id' : 'id_bytes';
    await application.run(
      `create table app_notes (owner ${id} not null, note varchar(20),
        foreign key (owner) references ${accounts} (id) on delete cascade)`,
      `insert into app_notes select ${userId}, 'hello' from ${users}`,
    );
    const joined = `select username, note from app_notes join ${users} u on u.${userId} = owner`;
    assert.deepEqual(await application.rows(joined), [{ username: ADA.username, note: 'hello' }]);
    const { lifecycle } = reachInside(system, 'a deletion at once, without its delay').core;
    const accountId = await accountIdOf(system, ADA.username);
    assert.ok(accountId !== null);
    await lifecycle.delete(accountId, { now: system.clock.read() });
    assert.deepEqual(await application.rows('select * from app_notes'), []);
    await application.run('drop table app_notes');
  });

  it('keeps its own tables: what has a name of Latchkey’s is named before anything is created', async () => {
    await using empty = await engine.create();
    await using application = asApplication(empty.url);
    const { database } = application;
    const { catalog, queries } = database;
    await catalog.createNamespace(queries);
    const nameOf = (name: string) => catalog.nameOf(name);
    const view = database.engine === 'sqlite' ? 'latchkey_users' : nameOf('users');
    await application.run(
      `create table ${nameOf('accounts')} (id integer)`,
      `create table ${nameOf('migrations')} (id integer)`,
      `create view ${view} as select id from ${nameOf('accounts')}`,
    );
    await assert.rejects(migrate(database, migrations, START_OF_TESTS), {
      name: 'DatabaseStartError',
      message: `DATABASE_URL: “${nameOf('accounts')}”, ${[view, nameOf('migrations')]
        .toSorted()
        .map((name) => `“${name}”`)
        .join(', ')} already exist and were not created by Latchkey; ${catalog.advice}`,
    });
    assert.deepEqual(await catalog.findExisting(queries, ['sessions', 'leases']), []);
    assert.equal(await catalog.hasColumn(queries, 'accounts', 'username'), false);
  });
});

for (const engine of servers) {
  describe(`an application with tables of its own (${engine.name})`, () => {
    it('shares the database without settings: neither sees the tables of the other', async () => {
      await using empty = await engine.create();
      await using application = asApplication(empty.url);
      const names = ['accounts', 'sessions', 'users', 'migrations', 'passwords'];
      const isPostgresql = application.database.engine === 'postgresql';
      const own = names.map((name) => (isPostgresql ? `public.${name}` : name));
      await application.run(
        ...own.flatMap((name) => [
          `create table ${name} (number integer)`,
          `insert into ${name} values (1), (2)`,
        ]),
        // An index has its name in the schema, a foreign key in the database.
        `create index sessions_expires_at on ${own[1]} (number)`,
        'create table orders (id integer primary key)',
        `create table items (id integer,
          constraint passwords_account foreign key (id) references orders (id))`,
      );
      await using system = await startSystem({}, existingDatabase(empty.url));
      await system.visitor().register(ADA.username, ADA.password);
      assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
      for (const name of own)
        assert.deepEqual(await application.rows(`select * from ${name} order by number`), [
          { number: 1 },
          { number: 2 },
        ]);
    });

    it('has a second system beside it, in the schema and with the prefix that the settings name', async () => {
      await using empty = await engine.create();
      const other = { databaseSchema: 'staff', databasePrefix: 'staff_' };
      await using one = await startSystem({}, existingDatabase(empty.url));
      await using two = await startSystem(other, existingDatabase(empty.url));
      await one.visitor().register(ADA.username, ADA.password);
      assert.equal((await two.visitor().signIn(ADA.username, ADA.password)).status, 401);
      await two.visitor().register(ADA.username, BEN.password);
      assert.equal((await two.visitor().signIn(ADA.username, BEN.password)).status, 303);
      assert.equal((await one.visitor().signIn(ADA.username, ADA.password)).status, 303);
    });
  });
}

for (const engine of servers.filter(({ name }) => name === 'PostgreSQL')) {
  describe('the search path of a connection', () => {
    it('is of no importance', async () => {
      await using empty = await engine.create();
      await using application = asApplication(empty.url);
      const database = new URL(empty.url).pathname.slice(1);
      await application.run(`alter database ${database} set search_path = 'pg_catalog'`);
      await using system = await startSystem({}, existingDatabase(empty.url));
      await system.visitor().register(ADA.username, ADA.password);
      assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
    });
  });
}
