import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { Client } from 'pg';
import { startMariadb } from '../../scripts/provide/mariadb.ts';
import { startPostgresql } from '../../scripts/provide/postgresql.ts';
import type { PrivateServer } from '../../scripts/provide/private-server.ts';
import { until } from '../kit/clock.ts';
import { existingDatabase } from '../kit/databases.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';
import { startTcpSwitch } from '../kit/tcp-switch.ts';
import { completeJourney, createJourneyUser, type JourneyUser, signIn } from '../kit/user-journey.ts';

const IMPATIENT = { databaseConnectTimeout: '2s', databaseStatementTimeout: '2s', databasePoolSize: 4 };
const USER = 'node';

const portOf = ({ url }: PrivateServer) => Number(new URL(url).port);

/** Two servers, of which the second one takes over. */
type Pair = AsyncDisposable & {
  readonly first: PrivateServer;
  readonly second: PrivateServer;
  /** The database of a node, at a port. */
  readonly urlAt: (port: number) => string;
  /** Makes the first one refuse writes, while its connections stay open. */
  readonly demote: () => Promise<void>;
  readonly promote: () => Promise<void>;
  /** How many connections the node has to the first one. */
  readonly connectionsToFirst: () => Promise<number>;
};

async function runOnPostgresql({ url }: PrivateServer, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A primary that confirms a commit once its standby shows it. */
async function startReplicatedPostgresql(): Promise<Pair> {
  await using running = new AsyncDisposableStack();
  const first = await startPostgresql();
  running.defer(first.stop);
  const second = await startPostgresql({ standbyOf: first.url });
  running.defer(second.stop);
  for (const setting of ["synchronous_standby_names = '*'", 'synchronous_commit = remote_apply'])
    await runOnPostgresql(first, `alter system set ${setting}`);
  await runOnPostgresql(first, 'select pg_reload_conf()');
  const kept = running.move();
  return {
    first,
    second,
    urlAt: (port) => `postgres://latchkey@127.0.0.1:${port}/postgres`,
    demote: async () => {
      await runOnPostgresql(first, 'alter system set default_transaction_read_only = on');
      await runOnPostgresql(first, 'select pg_reload_conf()');
    },
    promote: async () => {
      await runOnPostgresql(second, 'select pg_promote()');
    },
    connectionsToFirst: async () =>
      (await runOnPostgresql(first, `select 1 from pg_stat_activity where application_name = 'latchkey'`))
        .length,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function runOnMariadb({ url }: PrivateServer, text: string): Promise<readonly unknown[]> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(text);
    return Array.isArray(rows) ? rows : [];
  } finally {
    await connection.end();
  }
}

/** A primary and a replica; the node has no right to write to one that is read-only. */
async function startReplicatedMariadb(): Promise<Pair> {
  await using running = new AsyncDisposableStack();
  const [first, second] = await Promise.all([
    startMariadb({ replicatesAs: 1 }),
    startMariadb({ replicatesAs: 2 }),
  ]);
  for (const server of [first, second]) running.defer(server.stop);
  const { port, username, password } = new URL(first.url);
  await runOnMariadb(
    second,
    `change master to master_host = '127.0.0.1', master_port = ${port}, master_user = '${username}',
     master_password = '${password}', master_use_gtid = slave_pos`,
  );
  await runOnMariadb(second, 'start slave');
  await runOnMariadb(first, 'create database site');
  await runOnMariadb(first, `create user ${USER}@'127.0.0.1' identified by '${password}'`);
  await runOnMariadb(first, `grant all on site.* to ${USER}@'127.0.0.1'`);
  const kept = running.move();
  return {
    first,
    second,
    urlAt: (port) => `mysql://${USER}:${password}@127.0.0.1:${port}/site`,
    demote: async () => {
      await runOnMariadb(first, 'set global read_only = 1');
    },
    promote: async () => {
      const [position] = await runOnMariadb(first, 'select @@gtid_binlog_pos as gtid');
      const gtid = String(Reflect.get(Object(position), 'gtid'));
      await runOnMariadb(second, `select master_gtid_wait('${gtid}', 30)`);
      await runOnMariadb(second, 'stop slave');
    },
    connectionsToFirst: async () =>
      (await runOnMariadb(first, `select 1 from information_schema.processlist where user = '${USER}'`))
        .length,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const readiness = async (system: TestSystem) => (await system.visitor().get('/readyz')).status;

const pairs = [
  { name: 'PostgreSQL with a synchronous standby', start: startReplicatedPostgresql },
  { name: 'MariaDB with a replica', start: startReplicatedMariadb },
] as const;

for (const { name, start } of pairs) {
  describe(`a failover to another server (${name})`, () => {
    it('A58: is followed by a busy node without a restart, which is not ready meanwhile and loses nothing', async () => {
      await using pair = await start();
      await using address = await startTcpSwitch(portOf(pair.first));
      await using system = await startSystem(IMPATIENT, existingDatabase(pair.urlAt(address.port)));
      const travellers: JourneyUser[] = [];
      const traffic = { hasEnded: false, arrivals: 0 };
      const travel = async () => {
        while (!traffic.hasEnded) {
          const user = createJourneyUser(travellers.length, system.visitor());
          travellers.push(user);
          await completeJourney(user);
          traffic.arrivals += 1;
        }
      };
      const all = Promise.all(Array.from({ length: 6 }, travel));
      const reached = (what: string, isReached: () => boolean | Promise<boolean>) =>
        Promise.race([all, until(what, isReached)]);
      await reached('ten have arrived', () => traffic.arrivals >= 10);
      const arrived = travellers.filter(({ isRegistered }) => isRegistered);
      await pair.demote();
      await reached('the node is not ready', async () => (await readiness(system)) === 503);
      assert.equal((await system.visitor().get('/healthz')).status, 200);
      await pair.promote();
      address.leadTo(portOf(pair.second));
      await reached('the node is ready', async () => (await readiness(system)) === 200);
      // A connection that leads to the first server is closed when it is used; pools that never rest use each of them.
      await reached('no connection leads there', async () => (await pair.connectionsToFirst()) === 0);
      const before = traffic.arrivals;
      await reached('twenty more have arrived', () => traffic.arrivals >= before + 20);
      traffic.hasEnded = true;
      await all;
      assert.ok(arrived.length >= 10 && travellers.every(({ isRegistered }) => isRegistered));
      for (const user of travellers) await signIn(user);
    });
  });
}
