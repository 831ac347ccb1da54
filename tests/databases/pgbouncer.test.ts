import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { Client, Pool } from 'pg';
import { startPgbouncer } from '../../scripts/provide/pgbouncer.ts';
import { startPostgresql } from '../../scripts/provide/postgresql.ts';
import type { PrivateServer } from '../../scripts/provide/private-server.ts';
import { migrations } from '../../src/latchkey.ts';
import {
  type Database,
  DatabaseStartError,
  migrate,
  openDatabase,
  readApplicationPool,
  type StepTables,
} from '../../src/platform/sql/index.ts';
import { START_OF_TESTS } from '../kit/clock.ts';
import { DATABASE_OPTIONS, existingDatabase, isFullRun } from '../kit/databases.ts';
import { startSystem } from '../kit/system.ts';
import { completeJourney, createJourneyUser } from '../kit/user-journey.ts';

type AnyDatabase = Pick<Database<StepTables>, 'queries' | 'transaction'>;

/** Statements and transactions with values, more at once than the pooler has connections. */
async function mix({ queries, transaction }: AnyDatabase, clients = isFullRun ? 400 : 24): Promise<void> {
  const numbers = Array.from({ length: clients }, (_, index) => index);
  const results = await Promise.all(
    numbers.map(async (number) => {
      const text = sql.raw(`as text_${number % 5}`);
      const read = sql<Record<string, string>>`select cast(${number} as text) ${text}`;
      const { rows } =
        number % 3 === 0
          ? await transaction(async (within) => {
              await read.execute(within);
              return read.execute(within);
            })
          : await read.execute(queries);
      return Object.values(rows[0] ?? {})[0];
    }),
  );
  assert.deepEqual(results, numbers.map(String));
}

describe('PgBouncer before PostgreSQL', () => {
  let postgresql: PrivateServer;
  before(async () => {
    postgresql = await startPostgresql();
  });
  after(() => postgresql.stop());

  for (const [how, parameters] of [
    ['by itself', ''],
    ['as Prisma’s parameter says', '?pgbouncer=true&connection_limit=1'],
  ] as const)
    it(`serves whole sign-ins in transaction mode, which is noticed ${how}`, async () => {
      const bouncer = await startPgbouncer(postgresql.url, { poolMode: 'transaction' });
      try {
        const url = `${bouncer.url}${parameters}`;
        const schema = parameters === '' ? 'noticed' : 'said';
        const options = { ...DATABASE_OPTIONS, schema };
        const nodes = [1, 2].map(() => openDatabase<StepTables>(url, options));
        const applied = await Promise.all(nodes.map((node) => migrate(node, migrations, START_OF_TESTS)));
        assert.equal(applied.flat().length, migrations.length, 'each step once, under the lock of both');
        await Promise.all(nodes.map((node) => mix(node)));
        await Promise.all(nodes.map((node) => node.ping()));
        await Promise.all(nodes.map((node) => node.close()));
        await using system = await startSystem({ databaseSchema: schema }, existingDatabase(url));
        const users = Array.from({ length: isFullRun ? 20 : 3 }, (_, index) => index + 1).map((number) =>
          createJourneyUser(number, system.visitor()),
        );
        await Promise.all(users.map(completeJourney));
      } finally {
        await bouncer.stop();
      }
    });

  it('may be behind the pool of an application', async () => {
    const bouncer = await startPgbouncer(postgresql.url, { poolMode: 'transaction' });
    const pool = new Pool({ connectionString: bouncer.url, max: 6 });
    try {
      const reading = readApplicationPool(pool);
      assert.ok(reading.ok);
      const database = reading.open<StepTables>({ ...DATABASE_OPTIONS, schema: 'of_pool' });
      await migrate(database, migrations, START_OF_TESTS);
      await mix(database);
    } finally {
      await pool.end();
      await bouncer.stop();
    }
  });

  it('is used with named statements in session mode', async () => {
    const bouncer = await startPgbouncer(postgresql.url, { poolMode: 'session', poolSize: 10 });
    const database = openDatabase<StepTables>(bouncer.url, DATABASE_OPTIONS);
    try {
      await mix(database);
      const { rows } =
        await sql`select name from pg_prepared_statements where name like ${'latchkey_%'}`.execute(
          database.queries,
        );
      assert.ok(rows.length > 0);
    } finally {
      await database.close();
      await bouncer.stop();
    }
  });

  it('is refused in statement mode with what to change', async () => {
    const bouncer = await startPgbouncer(postgresql.url, { poolMode: 'statement' });
    const database = openDatabase<StepTables>(bouncer.url, DATABASE_OPTIONS);
    try {
      await assert.rejects(migrate(database, migrations, START_OF_TESTS), (error) => {
        assert.ok(error instanceof DatabaseStartError, String(error));
        assert.match(
          error.message,
          /^DATABASE_URL: PostgreSQL at \S+ is a pooler with pool_mode=statement, .*; set pool_mode to transaction$/,
        );
        return true;
      });
    } finally {
      await database.close();
      await bouncer.stop();
    }
  });

  it('is passed over for a server that writes, where its connections only read', async () => {
    // Its connections only read, as those of a standby do.
    const client = new Client({ connectionString: postgresql.url });
    await client.connect();
    await client.query('create user reader superuser');
    await client.query('alter user reader set default_transaction_read_only = on');
    await client.end();
    const bouncer = await startPgbouncer(postgresql.url, {
      poolMode: 'session',
      user: 'reader',
    });
    try {
      const [standby, primary] = [bouncer.url, postgresql.url].map((url) => new URL(url).host);
      for (const hosts of [
        `${standby},${primary}`,
        `127.0.0.1:1,${standby},${primary}`,
        `${primary},${standby}`,
      ]) {
        const database = openDatabase<StepTables>(
          `postgres://latchkey@${hosts}/postgres?target_session_attrs=read-write`,
          { ...DATABASE_OPTIONS, schema: 'hosts' },
        );
        await migrate(database, migrations, START_OF_TESTS);
        await database.ping();
        await mix(database);
        await database.close();
      }
      const none = openDatabase<StepTables>(
        `postgres://latchkey@127.0.0.1:1,${standby}/postgres`,
        DATABASE_OPTIONS,
      );
      await assert.rejects(
        migrate(none, migrations, START_OF_TESTS),
        /^DatabaseStartError: DATABASE_URL: (?:nothing answers at|PostgreSQL at) 127\.0\.0\.1:1,127\.0\.0\.1:\d+(?:;|: it is read-only)/,
      );
      await none.close();
    } finally {
      await bouncer.stop();
    }
  });
});
