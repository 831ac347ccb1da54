import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { settleAudit, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { ADA, BEN, signInOn, type Visitor, WRONG_PASSWORD } from '../../../tests/kit/visitor.ts';
import { MINUTE } from '../../platform/runtime/clock.ts';

const CHROME_ON_ANDROID =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';

/** The events on the page of a user, each as the text that is shown. */
async function eventsOf(system: TestSystem, visitor: Visitor): Promise<readonly string[]> {
  await settleAudit(system);
  const { body } = await visitor.get('/account');
  const list = /<ul class="events">(.*?)<\/ul>/s.exec(body)?.[1] ?? '';
  return [...list.matchAll(/<li>(.*?)<\/li>/gs)].map(([, item = '']) =>
    item.replace('<span', ' | <span').replaceAll(/<[^>]+>/g, ''),
  );
}

onEveryDatabase('the recent events on the account page', (engine) => {
  it('are described in words, newest first, with repetitions combined', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    for (const _ of [1, 2, 3]) await system.visitor().signIn(ADA.username, WRONG_PASSWORD);
    system.clock.advance(5 * MINUTE);
    await signInOn(ada, ADA, { userAgent: CHROME_ON_ANDROID });
    system.clock.advance(3 * MINUTE);
    assert.deepEqual(await eventsOf(system, ada), [
      'Signed in with a password | Chrome on Android · 3 minutes ago',
      'Sign-in refused: wrong password | 3 times · Unknown browser · 8 minutes ago',
      'Account created | Unknown browser · 8 minutes ago',
    ]);
  });

  it('A17: are only those of the own account, and at most ten', async () => {
    await using system = await startSystem({}, engine);
    const [ada, ben] = [system.visitor(), system.visitor()];
    await ada.register(ADA.username, ADA.password);
    await ben.register(BEN.username, BEN.password);
    for (let turn = 0; turn < 12; turn += 1) {
      await ada.signIn(ADA.username, ADA.password);
      if (turn < 11) await ada.signOut();
    }
    await ben.signIn(BEN.username, BEN.password);
    assert.equal((await eventsOf(system, ada)).length, 10);
    assert.equal((await eventsOf(system, ben)).length, 2);
  });

  it('A56: contain no text that a browser sent as its name', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInOn(ada, ADA, { userAgent: '<b>You</b> have won\u0085 a prize' });
    const [newest] = await eventsOf(system, ada);
    assert.equal(newest, 'Signed in with a password | Unknown browser · just now');
  });
});
