import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createConnection, createPool, type RowDataPacket } from 'mysql2/promise';
import { type Cluster, startGalera } from '../../scripts/provide/galera.ts';
import type { PrivateServer } from '../../scripts/provide/private-server.ts';
import { migrations } from '../../src/latchkey.ts';
import { migrate, openDatabase, readApplicationPool } from '../../src/platform/sql/index.ts';
import { START_OF_TESTS, until } from '../kit/clock.ts';
import { whileFrozen } from '../kit/database-servers.ts';
import { DATABASE_OPTIONS, existingDatabase } from '../kit/databases.ts';
import { reachInside, shareCookies, startSystem, type TestSystem } from '../kit/system.ts';
import type { AllTables, Database } from '../kit/tables.ts';
import { completeJourney, createJourneyUser, type JourneyUser, signIn } from '../kit/user-journey.ts';
import { ADA, BEN, newAddress } from '../kit/visitor.ts';

const IMPATIENT = { databaseConnectTimeout: '2s', databaseStatementTimeout: '8s', databasePoolSize: 4 };

async function run(
  { url }: PrivateServer,
  ...statements: readonly string[]
): Promise<readonly RowDataPacket[]> {
  const connection = await createConnection(url);
  try {
    let rows: RowDataPacket[] = [];
    for (const text of statements) [rows] = await connection.query<RowDataPacket[]>(text);
    return rows;
  } finally {
    await connection.end();
  }
}

/** The database of a test at one node. */
const urlAt = ({ url }: PrivateServer, database: string) => new URL(database, url).href;

function open(url: string): Database & AsyncDisposable {
  const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
  return { ...database, [Symbol.asyncDispose]: database.close };
}

async function sizeAt(node: PrivateServer): Promise<number> {
  try {
    const [row] = await run(node, "show status like 'wsrep_cluster_size'");
    const [ready] = await run(node, "show status like 'wsrep_ready'");
    return ready?.['Value'] === 'ON' ? Number(row?.['Value']) : 0;
  } catch {
    return 0;
  }
}

describe('a Galera cluster of three nodes', () => {
  let cluster: Cluster;
  let databases = 0;
  before(async () => {
    cluster = await startGalera();
  });
  after(() => cluster.stop());

  function node(at: number): PrivateServer {
    const found = cluster.nodes[at];
    assert.ok(found !== undefined);
    return found;
  }

  async function createDatabase(): Promise<string> {
    databases += 1;
    await run(node(0), `create database test_${databases}`);
    return `test_${databases}`;
  }

  async function untilComplete(): Promise<void> {
    await until('every node is back in the cluster', async () => {
      const sizes = await Promise.all(cluster.nodes.map(sizeAt));
      return sizes.every((size) => size === cluster.nodes.length);
    });
  }

  /** A Latchkey node for each node of the cluster. */
  async function startAtEach(running: AsyncDisposableStack, options = IMPATIENT) {
    const name = await createDatabase();
    const systems: TestSystem[] = [];
    for (const server of cluster.nodes) {
      await until('the database is there', async () => {
        const rows = await run(server, 'show databases');
        return rows.some(({ Database }) => Database === name);
      });
      systems.push(running.use(await startSystem(options, existingDatabase(urlAt(server, name)))));
    }
    const [one, two, three] = systems;
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    return [one, two, three] as const;
  }

  it('A10: refuses at the next request on every node a session that was ended on one, in fifty tries', async () => {
    await using running = new AsyncDisposableStack();
    const [one, two, three] = await startAtEach(running);
    for (let round = 0; round < 50; round += 1) {
      const here = one.visitorFrom(newAddress());
      const name = `Traveller ${round}`;
      assert.equal((await here.register(name, ADA.password)).status, 303);
      assert.equal((await here.signIn(name, ADA.password)).status, 303);
      const others = [shareCookies(here, two), shareCookies(here, three)];
      // Begun on one node, found on the others, ended on one of these, and not found on the rest.
      for (const there of others) assert.equal((await there.get('/api/session')).status, 200);
      const [ending, asking] = others;
      assert.equal((await ending?.signOut())?.status, 303);
      assert.equal((await asking?.get('/api/session'))?.status, 401);
      assert.equal((await here.get('/api/session')).status, 401);
    }
  });

  it('A10: has a node that has not applied a sign-out yet wait for it instead of showing the session', async () => {
    await using running = new AsyncDisposableStack();
    const [one, , three] = await startAtEach(running);
    const here = one.visitor();
    await here.register(ADA.username, ADA.password);
    await here.signIn(ADA.username, ADA.password);
    const there = shareCookies(here, three);
    assert.equal((await there.get('/api/session')).status, 200);
    const blocking = await createConnection(node(2).url);
    // The node goes on receiving changes, and applies none.
    await blocking.query('flush tables with read lock');
    let isAnswered = false;
    const asking = here.signOut().then(async () => {
      const answer = await there.get('/api/session');
      isAnswered = true;
      return answer;
    });
    await until('the node answers, or the look-up waits', async () => {
      const waiting = `select 1 from information_schema.processlist
        where info like 'select%latchkey_sessions%' and command = 'Execute' and time_ms > 500`;
      return isAnswered || (await run(node(2), waiting)).length > 0;
    });
    await blocking.query('unlock tables');
    await blocking.end();
    assert.equal((await asking).status, 401);
    await untilComplete();
  });

  it('lets one of two transactions on two nodes commit that lock the same account, and runs the other again', async () => {
    await using running = new AsyncDisposableStack();
    const [one, two] = await startAtEach(running);
    await one.visitor().register(ADA.username, ADA.password);
    const cores = [one, two].map((system) => reachInside(system, 'no page holds a lock').core);
    const id = await cores[0]?.accounts.find(ADA.username);
    assert.ok(id !== undefined && id !== null);
    const both = Promise.withResolvers<void>();
    let attempts = 0;
    // Each counts what the other has inserted: without the lock, neither would find anything.
    const countAndInsert = ({ database, accounts }: (typeof cores)[number], number: number) =>
      database.transaction(async (transaction) => {
        await accounts.lock(transaction, id);
        attempts += 1;
        if (attempts === 2) both.resolve();
        await both.promise;
        const { length } = await transaction.selectFrom('counters').select('count').execute();
        const key_hash = new Uint8Array(32).fill(number);
        const row = { key_hash, count: length, expires_at: 1, blocked_until: 0 };
        await transaction.insertInto('counters').values(row).execute();
      });
    await cores[0]?.database.queries.deleteFrom('counters').execute();
    await Promise.all(cores.map(countAndInsert));
    const rows = await cores[1]?.database.queries.selectFrom('counters').select('count').execute();
    assert.deepEqual(rows?.map(({ count }) => count).sort(), [0, 1]);
    assert.ok(attempts >= 3, 'one was run again');
  });

  it('migrates one node at a time, and lets another one take over from one that has died', async () => {
    const name = await createDatabase();
    await using first = open(urlAt(node(0), name));
    await using second = open(urlAt(node(1), name));
    const order: string[] = [];
    const held = Promise.withResolvers<void>();
    const holding = first.withSchemaLock(async () => {
      order.push('first begins');
      held.resolve();
      await until('the other one has asked for the lease several times', async () => {
        const [row] = await run(node(1), "show global status like 'Com_update'");
        return Number(row?.['Value']) >= asked + 3;
      });
      order.push('first ends');
    });
    const asked = Number((await run(node(1), "show global status like 'Com_update'"))[0]?.['Value']);
    await held.promise;
    const waiting = migrate(second, migrations, START_OF_TESTS).then(() => order.push('second has migrated'));
    await Promise.all([holding, waiting]);
    assert.deepEqual(order, ['first begins', 'first ends', 'second has migrated']);
    // As a process leaves it that was killed, once its time has passed.
    await run(node(2), `update ${name}.latchkey_schema_lease set holder = 'killed', expires_at = 1`);
    assert.deepEqual(await migrate(first, migrations, START_OF_TESTS), []);
  });

  it('has a primary key in every table, by which nodes find conflicts, and no number that counts by itself', async () => {
    const name = await createDatabase();
    await using database = open(urlAt(node(0), name));
    await migrate(database, migrations, START_OF_TESTS);
    const of = `table_schema = '${name}'`;
    const tables = await run(
      node(0),
      `select table_name from information_schema.tables where ${of} and table_type = 'BASE TABLE'`,
    );
    const keys = await run(
      node(0),
      `select distinct table_name from information_schema.columns where ${of} and column_key = 'PRI'`,
    );
    assert.ok(tables.length > 20);
    assert.equal(keys.length, tables.length);
    const counting = `select 1 from information_schema.columns where ${of} and extra like '%auto_increment%'`;
    assert.deepEqual(await run(node(0), counting), []);
  });

  it('has the doctor report a variable that is not as a cluster needs it', async () => {
    await using database = open(urlAt(node(1), await createDatabase()));
    assert.deepEqual(await database.findRisks(), []);
    await run(node(1), 'set global wsrep_certify_nonPK = 0');
    const [risk] = await database.findRisks();
    assert.match(risk?.what ?? '', /^wsrep_certify_nonpk is OFF: conflicts/);
    await run(node(1), 'set global wsrep_certify_nonPK = 1');
  });

  it('refuses the pool of an application whose connections do not wait for other nodes', async () => {
    const name = await createDatabase();
    const pool = createPool({ uri: urlAt(node(0), name) });
    const reading = readApplicationPool(pool);
    assert.ok(reading.ok);
    await assert.rejects(reading.open<AllTables>(DATABASE_OPTIONS).ping(), /SET GLOBAL wsrep_sync_wait = 7/);
    await pool.end();
    await run(node(0), 'set global wsrep_sync_wait = 7');
    const waiting = createPool({ uri: urlAt(node(0), name) });
    const second = readApplicationPool(waiting);
    assert.ok(second.ok);
    await second.open<AllTables>(DATABASE_OPTIONS).ping();
    await waiting.end();
    await run(node(0), 'set global wsrep_sync_wait = 0');
  });

  /** Users who register, sign in and out at all nodes while `work` goes on; then each of them signs in at each node. */
  async function whileUsed(systems: readonly TestSystem[], work: () => Promise<void>): Promise<void> {
    const travellers: JourneyUser[] = [];
    const traffic = { hasEnded: false, arrivals: 0 };
    const travel = async (system: TestSystem) => {
      while (!traffic.hasEnded) {
        const user = createJourneyUser(travellers.length, system.visitor());
        travellers.push(user);
        await completeJourney(user);
        traffic.arrivals += 1;
      }
    };
    const all = Promise.all(systems.flatMap((system) => [travel(system), travel(system)]));
    const arrive = (number: number) =>
      Promise.race([all, until(`${number} have arrived`, () => traffic.arrivals >= number)]);
    await arrive(10);
    await work();
    await arrive(traffic.arrivals + 20);
    traffic.hasEnded = true;
    await all;
    assert.ok(travellers.every(({ isRegistered }) => isRegistered));
    for (const [number, user] of travellers.entries()) {
      const system = systems[number % systems.length];
      assert.ok(system !== undefined);
      await signIn({ ...user, visitor: system.visitor() });
    }
  }

  it('A58: loses nothing that was confirmed when a node is killed, and takes it back', async () => {
    await using running = new AsyncDisposableStack();
    const [one, two, three] = await startAtEach(running);
    await whileUsed([one, two, three], async () => {
      process.kill(node(2).processId(), 'SIGKILL');
      await until('the node is not ready', async () => (await three.visitor().get('/readyz')).status === 503);
      for (const other of [one, two])
        await until('the others are', async () => (await other.visitor().get('/readyz')).status === 200);
      await node(2).resume();
      await until('the node is back', async () => (await three.visitor().get('/readyz')).status === 200);
    });
    await untilComplete();
  });

  it('A58: answers 503 on a node that is cut off from the others, names the cause, and loses nothing', async () => {
    await using running = new AsyncDisposableStack();
    const [one, two, three] = await startAtEach(running);
    const isolate = (value: 0 | 1) =>
      run(node(2), `set global wsrep_provider_options = 'gmcast.isolate=${value}'`);
    await whileUsed([one, two, three], async () => {
      await isolate(1);
      await until('the node is not ready', async () => (await three.visitor().get('/readyz')).status === 503);
      await until('the cause is named', async () => {
        await three.visitor().get('/readyz');
        return three.logLines.some((line) => /"event":"not-ready".*Galera/.test(line));
      });
      assert.equal((await three.visitor().get('/healthz')).status, 200);
      // It must not serve what it had: a session that has ended on the others meanwhile.
      const ben = one.visitor();
      await until(
        'the others go on',
        async () => (await ben.register(BEN.username, BEN.password)).status === 303,
      );
      await ben.signIn(BEN.username, BEN.password);
      assert.equal((await shareCookies(ben, three).get('/api/session')).status, 503);
      await isolate(0);
      await until('the node is back', async () => (await three.visitor().get('/readyz')).status === 200);
      assert.equal((await shareCookies(ben, three).get('/api/session')).status, 200);
    });
    await untilComplete();
  });

  it('A58: goes on without a node that hangs', async () => {
    await using running = new AsyncDisposableStack();
    const [one, two] = await startAtEach(running);
    await whileFrozen(node(2), async () => {
      await whileUsed([one, two], async () => {});
    });
    await untilComplete();
  });
});
