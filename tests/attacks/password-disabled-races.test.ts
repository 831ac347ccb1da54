import assert from 'node:assert/strict';
import { it } from 'node:test';
import { tokens } from '../../src/features/password-reset/index.ts';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  acceptedPasswords,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  openAndReset,
  registerAda,
  requestReset,
  resetPathIn,
  startWithAda,
} from '../kit/mailed-links.ts';
import {
  disableAccount,
  eventsOf,
  existingAccountId,
  reachInside,
  settleRequests,
  startSystem,
} from '../kit/system.ts';
import { guess, resetCounters } from '../kit/throttling.ts';
import { ADA, BEN, NEW_PASSWORD, newAddress, signInAs } from '../kit/visitor.ts';

onEveryDatabase('a password that wrong attempts have disabled', (engine) => {
  it('I14: is reported to the owner once when sixteen requests notice it at once, with a link that works for a day', async () => {
    await using system = await startWithAda(engine);
    for (const [round, password] of [NEW_PASSWORD, `another ${NEW_PASSWORD}`].entries()) {
      const { queries } = reachInside(system, 'ninety wrong attempts take too long').core.database;
      await queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
      await resetCounters(system);
      await Promise.all(Array.from({ length: 16 }, () => guess(system, ADA.username)));
      await settleRequests(system);
      const mails = await mailsOf(system, 'password-disabled');
      assert.deepEqual(
        mails.map(({ to }) => to),
        Array(round + 1).fill(ADDRESS),
      );
      assert.equal(eventsOf(system, 'password-disabled').length, round + 1);
      system.clock.advance(23 * HOUR);
      const answer = await openAndReset(system.visitor(), resetPathIn(String(mails[0]?.text)), password);
      assert.equal(answer.location, '/login');
    }
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), []);
  });

  it('I14: is reported neither to a disabled user nor to an unconfirmed address', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    await registerAda(system);
    await system.visitor().register(BEN.username, BEN.password, 'ben@example.org');
    await openAndConfirm(
      system.visitor(),
      (await newestConfirmation(system, 'ben@example.org')).path,
      BEN.password,
    );
    await disableAccount(system, BEN.username);
    const { queries } = reachInside(system, 'ninety wrong attempts take too long').core.database;
    await queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
    for (const { username } of [ADA, BEN]) await guess(system, username);
    await settleRequests(system);
    assert.equal(eventsOf(system, 'password-disabled').length, 2);
    assert.deepEqual(await mailsOf(system, 'password-disabled'), []);
  });

  it('A07 I14: keeps its link while attackers request password resets all day', async () => {
    await using system = await startWithAda(engine);
    const inside = reachInside(system, 'ninety wrong attempts take too long');
    const { oneTimeTokens, database } = inside.core;
    await database.queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
    await guess(system, ADA.username);
    await settleRequests(system);
    const [notice] = await mailsOf(system, 'password-disabled');
    const link = resetPathIn(String(notice?.text));
    const accountId = await existingAccountId(system, ADA.username);
    for (let time = 0; time < 23 * HOUR; time += 31 * MINUTE) {
      for (let times = 0; times < 4; times += 1)
        await requestReset(system, system.visitorFrom(newAddress()), ADA.username);
      const links = await oneTimeTokens.ofAccount(tokens['password-reset'], accountId, system.clock.read());
      assert.ok(links.length <= 12, `${links.length} links`);
      system.clock.advance(31 * MINUTE);
    }
    const answer = await openAndReset(system.visitor(), link, NEW_PASSWORD);
    assert.equal(answer.location, '/login');
    assert.equal(
      (await oneTimeTokens.ofAccount(tokens['password-reset'], accountId, 0)).length,
      0,
      'all end with it',
    );
  });

  it('I14: still works in a browser that the account knows, and the right password there enables it everywhere', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitor());
    await ada.signOut();
    const { queries } = reachInside(system, 'ninety wrong attempts take too long').core.database;
    await queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
    await guess(system, ADA.username);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    await signInAs(ada);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
  });
});
