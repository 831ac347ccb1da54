import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onEveryDatabase, REDIS_URL } from '../kit/databases.ts';
import { reachInside, sharedEngines, startSystem, startTwoNodes, type TestSystem } from '../kit/system.ts';
import { exhaustAttempts, guess, onEveryCounterStore, solveProofOfWork, times } from '../kit/throttling.ts';
import { ADA, newAddress, WRONG_PASSWORD } from '../kit/visitor.ts';

onEveryCounterStore('throttling', (start) => {
  it('A06: computes five hashes for a hundred wrong passwords at once, and answers every request', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    const address = newAddress();
    const before = system.hasher.counts.verifications;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => guess(system, ADA.username, address)),
    );
    assert.equal(system.hasher.counts.verifications - before, 5);
    assert.equal(answers.filter(({ status }) => status === 429).length, 95);
  });

  it('A06: locks out none of forty users who sign in from one address at once', async () => {
    await using system = await start();
    const visitors = Array.from({ length: 40 }, (_, number) => `person-${number}`);
    for (const name of visitors) await system.visitor().register(name, ADA.password);
    const address = newAddress();
    const answers = await Promise.all(
      visitors.map((name) => system.visitorFrom(address).signIn(name, ADA.password)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      times(40, 303),
    );
    assert.equal((await guess(system, ADA.username, address)).status, 401);
  });
});

onEveryCounterStore('a proof of work', (start) => {
  it('lets one request through when it is used sixteen times at once', async () => {
    await using system = await start();
    await system.visitor().register(ADA.username, ADA.password);
    const { visitor, last } = await exhaustAttempts(system, ADA.username);
    const altcha = await solveProofOfWork(last);
    const csrf = await visitor.token('/login');
    const before = system.hasher.counts.verifications;
    await Promise.all(
      Array.from({ length: 16 }, () =>
        visitor.post('/login', { ...ADA, password: WRONG_PASSWORD, csrf, altcha: altcha ?? '' }),
      ),
    );
    assert.equal(system.hasher.counts.verifications, before + 1);
  });
});

const sharing = sharedEngines.flatMap((engine) => [
  { name: engine.name, engine, options: {} },
  ...(REDIS_URL === undefined
    ? []
    : [{ name: `${engine.name} and Redis`, engine, options: { redisUrl: REDIS_URL } }]),
]);

for (const { name, engine, options } of sharing) {
  describe(`guessing passwords at two nodes (${name})`, () => {
    it('A06: costs five hashes for a hundred wrong passwords at once', async () => {
      await using nodes = await startTwoNodes(engine, options);
      await nodes.visitor().register(ADA.username, ADA.password);
      const [address, both] = [newAddress(), [nodes.one, nodes.other]];
      const hashes = () => both.reduce((sum, { hasher }) => sum + hasher.counts.verifications, 0);
      const before = hashes();
      await Promise.all(
        both.flatMap((node) => Array.from({ length: 50 }, () => guess(node, ADA.username, address))),
      );
      assert.equal(hashes() - before, 5);
    });
  });
}

async function failuresOf(system: TestSystem): Promise<number> {
  const { queries } = reachInside(system, 'no page shows how often a password was wrong').core.database;
  const row = await queries.selectFrom('passwords').select('consecutive_failures').executeTakeFirstOrThrow();
  return row.consecutive_failures;
}

onEveryDatabase('a sign-in that a busy server rejects', (engine) => {
  it('does not count as a wrong password', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    for (let attempt = 0; attempt < 2; attempt += 1)
      assert.equal((await guess(system, ADA.username)).status, 401);
    const { reached, release } = system.hasher.holdVerifications();
    const signingIn = system.visitorFrom(newAddress()).signIn(ADA.username, ADA.password);
    await reached;
    assert.equal(await failuresOf(system), 3, 'it counts before it is made');
    const crowd = Array.from({ length: 100 }, () => system.hasher.hash(WRONG_PASSWORD));
    const served = Promise.allSettled(crowd);
    // All requests are queued by then.
    release();
    assert.equal((await signingIn).status, 503);
    assert.ok((await served).some(({ status }) => status === 'rejected'));
    assert.equal(await failuresOf(system), 2);
    assert.equal((await system.visitorFrom(newAddress()).signIn(ADA.username, ADA.password)).status, 303);
    assert.equal(await failuresOf(system), 0);
  });
});
