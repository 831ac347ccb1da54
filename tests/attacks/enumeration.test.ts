import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createHasher } from '../../src/features/passwords/index.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { disableAccount, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, type Answer, BEN, WRONG_PASSWORD } from '../kit/visitor.ts';

/** The comparable content of a response, without what is random in every response. */
function comparable({ status, headers, body }: Answer, typedName: string): string {
  const shown = body.replace(`value="${typedName}"`, 'value="TYPED NAME"');
  return JSON.stringify([status, [...headers], shown.replace(/name="csrf" value="[^"]+"/, 'TOKEN')]);
}

async function createAccountsOfAllKinds(system: TestSystem) {
  await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
  await system.visitor().register(BEN.username, BEN.password);
  await disableAccount(system, BEN.username);
  const { accounts } = reachInside(
    system,
    'only an identity provider brings an account without a password',
  ).core;
  const cleo = { username: { username: 'Cleo', key: 'cleo' }, email: null };
  await accounts.create(cleo, system.clock.read(), async () => {});
}

onEveryDatabase('a failed sign-in', (engine) => {
  it('A01: gets the same answer whatever is wrong with the username, the password or the account', async () => {
    await using system = await startSystem({}, engine);
    await createAccountsOfAllKinds(system);
    const attempts = [
      ['nobody-here', WRONG_PASSWORD],
      [ADA.username, WRONG_PASSWORD],
      ['ada@example.org', WRONG_PASSWORD],
      ['nobody@example.org', WRONG_PASSWORD],
      [BEN.username, WRONG_PASSWORD],
      [BEN.username, BEN.password],
      ['Cleo', WRONG_PASSWORD],
      ['no\u0000name', WRONG_PASSWORD],
      ['x', WRONG_PASSWORD],
    ] as const;
    const seen = new Set<string>();
    for (const [username, password] of attempts) {
      const answer = await system.visitor().signIn(username, password);
      assert.equal(answer.status, 401);
      assert.match(answer.body, /Invalid username or password/);
      seen.add(comparable(answer, username));
    }
    assert.equal(seen.size, 1, 'each answer has the same bytes');
  });

  it('A02: costs exactly one hash of the same price, whichever account is named', async () => {
    await using system = await startSystem({}, engine);
    await createAccountsOfAllKinds(system);
    for (const username of ['nobody-here', ADA.username, 'ada@example.org', BEN.username, 'Cleo', 'x']) {
      const before = { ...system.hasher.counts };
      await system.visitor().signIn(username, WRONG_PASSWORD);
      assert.equal(system.hasher.counts.verifications - before.verifications, 1, username);
      assert.equal(system.hasher.counts.hashes - before.hashes, 0, username);
    }
    const price = /m=128,t=2,p=1\$/;
    assert.match(system.hasher.decoy, price);
    assert.match(await system.hasher.hash(ADA.password), price);
  });

  it('A02: costs as much for an account whose hash has older, cheaper parameters as for an unknown account', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const half = createHasher({ memoryKibibytes: 128, passes: 1, lanes: 1 });
    const old = await half.hash(ADA.password);
    await half.close();
    const { queries } = reachInside(system, 'a row as an older configuration wrote it').core.database;
    await queries.updateTable('passwords').set({ hash: old }).execute();
    assert.equal((await system.visitor().signIn(ADA.username, WRONG_PASSWORD)).status, 401);
    assert.deepEqual(system.hasher.madeUp, [old], 'what the cheaper hash saved is spent all the same');
    await system.visitor().signIn('nobody-here', WRONG_PASSWORD);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
    assert.equal((await system.visitor().signIn(ADA.username, WRONG_PASSWORD)).status, 401);
    assert.equal(
      system.hasher.madeUp.length,
      2,
      'asked for always, and nothing to spend once it is made anew',
    );
  });

  it('A02: costs no hash for a password that is too long to be valid, whichever account is named', async () => {
    await using system = await startSystem({}, engine);
    await createAccountsOfAllKinds(system);
    const seen = new Set<string>();
    const before = system.hasher.counts.verifications;
    for (const username of ['nobody-here', ADA.username, BEN.username]) {
      const answer = await system.visitor().signIn(username, 'x'.repeat(1_025));
      seen.add(comparable(answer, username));
    }
    assert.equal(system.hasher.counts.verifications, before);
    assert.equal(seen.size, 1);
  });
});
