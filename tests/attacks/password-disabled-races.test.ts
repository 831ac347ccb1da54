import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR } from '../../src/core/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  openAndReset,
  registerAda,
  resetPathIn,
  startWithAda,
  working,
} from '../kit/mailed-links.ts';
import { disableAccount, eventsOf, reachInside, settleRequests, startSystem } from '../kit/system.ts';
import { forgetAttempts, guess } from '../kit/throttling.ts';
import { ADA, BEN, NEW_PASSWORD, signInAs } from '../kit/visitor.ts';

onEveryDatabase('a password that wrong attempts have disabled', (engine) => {
  it('I14: is reported to the owner once when sixteen requests notice it at once, with a link that works for a day', async () => {
    await using system = await startWithAda(engine);
    for (const [round, password] of [NEW_PASSWORD, `another ${NEW_PASSWORD}`].entries()) {
      const { queries } = reachInside(system, 'ninety wrong attempts take too long').core.database;
      await queries.updateTable('passwords').set({ consecutive_failures: 89 }).execute();
      await forgetAttempts(system);
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
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), []);
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

  it('I14: leaves the owner a browser that the account knows, and a right password there enables it everywhere', async () => {
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
