import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../kit/clock.ts';
import { type ControllableServer, controllableServers } from '../kit/database-servers.ts';
import { accountIdOf, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { completeJourney, createJourneyUser, type JourneyUser, signIn } from '../kit/user-journey.ts';
import { ADA, type Answer, BEN, type Visitor } from '../kit/visitor.ts';

const IMPATIENT = { databaseConnectTimeout: '1s', databaseStatementTimeout: '1s', databasePoolSize: 3 };
/** Milliseconds: three seconds for a connection and a statement, and more for a busy machine. */
const PATIENCE = 10_000;

const BENS_ACCOUNT = { username: { username: BEN.username, key: 'ben' }, email: null };

function assertUnavailable({ status, headers, body }: Answer): void {
  assert.equal(status, 503, body);
  assert.match(String(headers.get('retry-after')), /^\d+$/);
  assert.deepEqual(headers.getSetCookie(), []);
}

/** The usual requests of users, each of which needs the database. */
async function askEverything(visitor: Visitor, ada: Visitor, csrf: string): Promise<readonly Answer[]> {
  return Promise.all([
    visitor.post('/login', { csrf, ...ADA }),
    visitor.post('/register', { csrf, ...BEN }),
    ada.get('/dashboard'),
    ada.get('/api/session'),
    ada.get('/login'),
    ada.get('/readyz'),
  ]);
}

async function startWithAda(server: ControllableServer) {
  const system = await startSystem(IMPATIENT, server.engine);
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  const visitor = system.visitor();
  return { system, ada, visitor: visitor, csrf: await visitor.token('/login') };
}

function untilReady(system: TestSystem): Promise<void> {
  const visitor = system.visitor();
  return until('the database is back', async () => (await visitor.get('/readyz')).status === 200);
}

const coreOf = (system: TestSystem) =>
  reachInside(system, 'the outage must begin between two statements of a registration').core;

/** The number of rows of a table. */
async function count(system: TestSystem, table: 'accounts' | 'passwords' | 'sessions'): Promise<number> {
  const { queries } = reachInside(system, 'no page tells how many rows a table has').core.database;
  const { number } = await queries
    .selectFrom(table)
    .select((select) => select.fn.countAll().as('number'))
    .executeTakeFirstOrThrow();
  return Number(number);
}

for (const { name, start } of controllableServers) {
  describe(`a node that uses ${name}`, () => {
    let server: ControllableServer;
    before(async () => {
      server = await start();
    });
    after(() => server[Symbol.asyncDispose]());

    it('A58: answers 503 with Retry-After while the database is down, and serves again when it is back', async () => {
      const { system, ada, visitor, csrf } = await startWithAda(server);
      await using _ = system;
      await server.whileStopped(async () => {
        for (const answer of await askEverything(visitor, ada, csrf)) assertUnavailable(answer);
        assert.equal((await ada.get('/healthz')).status, 200);
        assert.equal((await system.visitor().get('/login')).status, 200, 'nothing is asked about a stranger');
      });
      await untilReady(system);
      assert.equal((await ada.get('/api/session')).status, 200);
      assert.equal((await visitor.post('/register', { csrf, ...BEN })).status, 303);
      assert.equal((await visitor.post('/login', { csrf, ...BEN })).status, 303);
    });

    it('A58: answers 503 in time while the database hangs, and serves again when it responds', async () => {
      const { system, ada, visitor, csrf } = await startWithAda(server);
      await using _ = system;
      await server.whileFrozen(async () => {
        // Twice: the second time, every connection of the pool has already been waited for.
        for (const round of ['first', 'second']) {
          const begin = performance.now();
          for (const answer of await askEverything(visitor, ada, csrf)) assertUnavailable(answer);
          const took = performance.now() - begin;
          assert.ok(took < PATIENCE, `${round}: ${took} ms`);
        }
        assert.equal((await ada.get('/healthz')).status, 200);
      });
      await untilReady(system);
      assert.equal((await ada.get('/api/session')).status, 200);
      assert.equal(await count(system, 'sessions'), 1);
      assert.equal((await visitor.post('/login', { csrf, ...ADA })).status, 303);
    });

    it('A58: shuts down in time while the database hangs and requests are under way', async () => {
      const { system, ada } = await startWithAda(server);
      await using _ = system;
      await server.whileFrozen(async () => {
        const begin = performance.now();
        const answers = [1, 2, 3].map(() => ada.get('/dashboard'));
        await reachInside(system, 'this system ends without a server of its own').close();
        for (const answer of await Promise.all(answers)) assertUnavailable(answer);
        assert.ok(performance.now() - begin < PATIENCE);
      });
    });

    it('A58: leaves nothing half-done when the database freezes in the middle of a registration', async () => {
      const { system } = await startWithAda(server);
      await using _ = system;
      const { accounts, database } = coreOf(system);
      const registration = accounts.create(BENS_ACCOUNT, system.clock.read(), (transaction) =>
        server.whileFrozen(async () => {
          await transaction.selectFrom('accounts').select('id').execute();
        }),
      );
      await assert.rejects(registration, database.isUnavailable);
      await untilReady(system);
      assert.equal(await accountIdOf(system, BEN.username), null);
      assert.equal((await system.visitor().register(BEN.username, BEN.password)).status, 303);
    });

    it('A58: loses no confirmed registration when the database goes down during traffic, and recovers by itself', async () => {
      await using system = await startSystem(IMPATIENT, server.engine);
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
      const reached = (what: string, isReached: () => boolean) => Promise.race([all, until(what, isReached)]);
      await reached('ten have arrived', () => traffic.arrivals >= 10);
      const setbacks = () => travellers.reduce((sum, { setbacks }) => sum + setbacks, 0);
      await server.whileStopped(async () => {
        await reached('all have met the outage', () => setbacks() >= 100);
      });
      const before = traffic.arrivals;
      await reached('twenty more have arrived', () => traffic.arrivals >= before + 20);
      traffic.hasEnded = true;
      await all;
      assert.ok(travellers.every(({ isRegistered }) => isRegistered));
      for (const user of travellers) await signIn(user);
      assert.equal(await count(system, 'accounts'), travellers.length);
      assert.equal(await count(system, 'passwords'), travellers.length);
    });

    it('A58: opens new connections after the database has closed its idle ones', async () => {
      const { system, ada } = await startWithAda(server);
      await using _ = system;
      await Promise.all(Array.from({ length: 3 }, () => ada.get('/api/session')));
      assert.ok((await server.closeConnections()) > 0);
      await untilReady(system);
      const answers = await Promise.all(Array.from({ length: 6 }, () => ada.get('/api/session')));
      assert.deepEqual(
        answers.map(({ status }) => status),
        Array(6).fill(200),
      );
    });

    it('A58: keeps nothing of a transaction whose connection the database closed', async () => {
      const { system } = await startWithAda(server);
      await using _ = system;
      const core = coreOf(system);
      const registration = core.accounts.create(BENS_ACCOUNT, system.clock.read(), async (transaction) => {
        assert.ok((await server.closeConnections()) > 0);
        await transaction.selectFrom('accounts').select('id').execute();
      });
      await assert.rejects(registration, core.database.isUnavailable);
      await untilReady(system);
      assert.equal(await accountIdOf(system, BEN.username), null);
      assert.equal(await count(system, 'accounts'), await count(system, 'passwords'));
    });
  });
}
