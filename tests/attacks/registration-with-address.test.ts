import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  confirmationsTo,
  isConfirmed,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  REQUIRED,
  registerAda,
  resend,
} from '../kit/mailed-links.ts';
import { accountIdOf, deleteExpired, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, type Answer, BEN, comparableResponse } from '../kit/visitor.ts';

async function confirmedAda(system: TestSystem) {
  const ada = await registerAda(system);
  const { path } = await newestConfirmation(system);
  await openAndConfirm(ada, path);
  assert.equal(await isConfirmed(system), true);
  return ada;
}

async function countMails(system: TestSystem): Promise<number> {
  const { mail } = reachInside(system, 'the page of the mailbox does not count mails').core;
  return (await mail.mailbox?.list())?.length ?? 0;
}

/** Everything that a client can see that registers and then signs in, for the given name and address. */
async function whatIsSeen(system: TestSystem, email: string) {
  const visitor = system.visitor();
  const before = { ...system.hasher.counts };
  const mailsBefore = await countMails(system);
  const registered = await visitor.register(BEN.username, BEN.password, email);
  const hashes = system.hasher.counts.hashes - before.hashes;
  const mails = (await countMails(system)) - mailsBefore;
  const flash = await visitor.get('/login');
  const again = await system.visitor().register(BEN.username, BEN.password, 'other@example.net');
  const signedIn = await visitor.signIn(BEN.username, BEN.password);
  const page = await visitor.get('/login/confirm-address');
  const wrongCode = await visitor.submit('/login/confirm-address', { code: '12345678' });
  const csrf = await visitor.token('/login/confirm-address');
  const resent = await visitor.post('/login/confirm-address/resend', { csrf });
  const byAddress = await visitor.signIn(email, BEN.password);
  const wrongCodes: Answer[] = [];
  // Six before another mail is sent, of which one was tried above, and six after it.
  for (const round of [1, 2]) {
    for (let tries = 0; tries < 6; tries += 1)
      wrongCodes.push(await visitor.submit('/login/confirm-address', { code: `1234567${tries}` }));
    if (round === 1) wrongCodes.push(await resend(system, visitor, '/login/confirm-address'));
  }
  const answers = [registered, flash, again, signedIn, page, wrongCode, resent, byAddress, ...wrongCodes].map(
    (answer) => comparableResponse(answer).replaceAll(email, 'ADDRESS'),
  );
  return { answers, hashes, mails, statuses: wrongCodes.map(({ status }) => status) };
}

onEveryDatabase('registration where an address is required', (engine) => {
  it('A03 A67 I01 gives the same answers for an address that is taken as for a new one', async () => {
    const seen: Awaited<ReturnType<typeof whatIsSeen>>[] = [];
    for (const email of [ADDRESS, 'new@example.org']) {
      await using system = await startSystem(REQUIRED, engine);
      await confirmedAda(system);
      seen.push(await whatIsSeen(system, email));
    }
    assert.deepEqual(seen[0], seen[1]);
    assert.match(String(seen[0]?.answers[0]), /^\[303,/);
    assert.deepEqual([seen[0]?.hashes, seen[0]?.mails], [1, 1]);
    const each = [...Array(5).fill(422), 429];
    assert.deepEqual(seen[0]?.statuses, [...each, 303, ...each]);
  });

  it('A67 I01 lets an account sign in by its address only once that is confirmed', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    assert.equal((await system.visitor().signIn(ADDRESS, ADA.password)).status, 401);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/login/confirm-address');
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit('/login/confirm-address', { code })).location, '/dashboard');
    assert.equal((await system.visitor().signIn(ADDRESS, ADA.password)).location, '/dashboard');
  });

  it('A03: sends mail to the owner of a taken address instead, at most three times a day', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await confirmedAda(system);
    for (const name of ['Ben', 'Cleo', 'Dora', 'Emil'])
      assert.equal((await system.visitor().register(name, BEN.password, ADDRESS)).status, 303);
    const notified = await mailsOf(system, 'registration-attempted');
    assert.deepEqual(
      notified.map(({ to }) => to),
      Array(2).fill(ADDRESS),
      'with the one to confirm: three',
    );
    system.clock.advance(DAY);
    await system.visitor().register('Frida', BEN.password, ADDRESS);
    assert.equal((await mailsOf(system, 'registration-attempted')).length, 3);
  });

  it('A03: sends at most three mails a day to one address, however it is spelled', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await confirmedAda(system);
    for (const [name, email] of [
      ['Ben', 'ADA@example.org'],
      ['Cleo', 'Ada@example.org'],
      ['Dora', 'aDA@example.org'],
      ['Emil', 'adA@example.org'],
    ] as const)
      assert.equal((await system.visitor().register(name, BEN.password, email)).status, 303);
    assert.equal((await mailsOf(system, 'registration-attempted')).length, 2);
  });

  it('A03: never gives a taken address to the new account, which is deleted after a day', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await confirmedAda(system);
    await system.visitor().register(BEN.username, BEN.password, ADDRESS);
    assert.ok((await accountIdOf(system, BEN.username)) !== null);
    const visitor = system.visitor();
    assert.equal((await visitor.signIn(ADDRESS, BEN.password)).status, 401);
    assert.equal((await visitor.signIn(ADDRESS, ADA.password)).location, '/dashboard');
    system.clock.advance(DAY);
    await deleteExpired(system);
    assert.deepEqual([await accountIdOf(system, BEN.username), await isConfirmed(system)], [null, true]);
  });

  it('A01: reports a taken username without revealing whether the address is taken', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await confirmedAda(system);
    const seen = new Set<string>();
    for (const email of [ADDRESS, 'new@example.org']) {
      const answer = await system.visitor().register(ADA.username, BEN.password, email);
      assert.equal(answer.status, 422);
      assert.match(answer.body, /This username is already taken/);
      seen.add(comparableResponse(answer).replaceAll(email, 'ADDRESS'));
    }
    assert.equal(seen.size, 1);
  });

  it('rejects an empty address', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const answer = await system.visitor().register(ADA.username, ADA.password, ' ');
    assert.equal(answer.status, 422);
    assert.match(answer.body, /id="email-problem">Enter your email address/);
    assert.doesNotMatch(answer.body, /\(optional\)/);
  });

  it('never takes the address of an account that was created while an address was optional', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const { accounts } = reachInside(system, 'an account as it was made while an address was optional').core;
    const email = { address: ADDRESS, key: ADDRESS };
    const username = { username: 'Cleo', key: 'cleo' };
    const creation = await accounts.create({ username, email }, system.clock.read(), async () => {});
    assert.ok(creation.ok);
    system.clock.advance(30 * DAY);
    assert.equal((await system.visitor().register(BEN.username, BEN.password, ADDRESS)).status, 303);
    assert.equal(await accountIdOf(system, ADDRESS), creation.accountId);
  });

  it('sends the mail of the first account again when a user registers twice', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    system.clock.advance(SECOND);
    await system.visitor().register(BEN.username, ADA.password, ADDRESS);
    assert.equal((await confirmationsTo(system)).length, 2);
    const { path } = await newestConfirmation(system);
    assert.equal((await openAndConfirm(system.visitor(), path, ADA.password)).status, 303);
    assert.equal(await isConfirmed(system), true);
  });
});
