import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase, withoutTable } from '../kit/databases.ts';
import {
  ADDRESS,
  acceptedPasswords,
  mailsOf,
  openAndReset,
  RESET,
  requestReset,
  requestResetPath,
  resetPathsTo,
  startWithAda,
} from '../kit/mailed-links.ts';
import { disableAccount, existingAccountId, reachInside } from '../kit/system.ts';
import { ADA, NEW_PASSWORD } from '../kit/visitor.ts';

onEveryDatabase('a password reset', (engine) => {
  it('A15: succeeds once when sixteen requests spend the same token at once, and only that password works', async () => {
    await using system = await startWithAda(engine);
    const path = await requestResetPath(system);
    const racers = await Promise.all(
      Array.from({ length: 16 }, async (_, number) => {
        const visitor = system.visitor();
        await visitor.get(path);
        return {
          visitor,
          csrf: await visitor.token(RESET),
          password: `${number} grey herons on a long pier`,
        };
      }),
    );
    const answers = await Promise.all(
      racers.map(({ visitor, csrf, password }) => visitor.post(RESET, { csrf, 'new-password': password })),
    );
    const winners = racers.filter((_, position) => answers[position]?.status === 303);
    assert.equal(winners.length, 1);
    assert.ok(answers.every(({ status }) => status === 303 || status === 410));
    const passwords = racers.map(({ password }) => password);
    assert.deepEqual(await acceptedPasswords(system, passwords), [winners[0]?.password]);
    assert.equal((await mailsOf(system, 'password-changed')).length, 1);
  });

  it('A12: fails for an account that was disabled meanwhile, which gets no further mail', async () => {
    await using system = await startWithAda(engine);
    const path = await requestResetPath(system);
    const waiting = system.visitor();
    await waiting.get(path);
    const csrf = await waiting.token(RESET);
    await disableAccount(system, ADA.username);
    assert.equal((await waiting.post(RESET, { csrf, 'new-password': NEW_PASSWORD })).status, 410);
    system.clock.advance(SECOND);
    await requestReset(system, system.visitor(), ADDRESS);
    assert.equal((await resetPathsTo(system)).length, 1);
    const { lifecycle } = reachInside(system, 'operators enable accounts, and have no pages').core;
    await lifecycle.enable(await existingAccountId(system, ADA.username));
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [ADA.password]);
  });

  it('enables a password again that was disabled after a hundred wrong attempts', async () => {
    await using system = await startWithAda(engine);
    const { queries } = reachInside(system, 'a hundred wrong attempts take too long').core.database;
    await queries.updateTable('passwords').set({ consecutive_failures: 100 }).execute();
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    assert.deepEqual(await acceptedPasswords(system, [NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('changes nothing when its notice cannot be written', async () => {
    await using system = await startWithAda(engine);
    const path = await requestResetPath(system);
    const ada = system.visitor();
    await ada.get(path);
    const csrf = await ada.token(RESET);
    const { database } = reachInside(system, 'no public function renames a table').core;
    const refused = await withoutTable(database, 'mail_outbox', () =>
      ada.post(RESET, { csrf, 'new-password': NEW_PASSWORD }),
    );
    assert.equal(refused.status, 500);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [ADA.password]);
    assert.equal(
      (await openAndReset(system.visitor(), path, NEW_PASSWORD)).status,
      303,
      'nor is the link spent',
    );
  });
});
