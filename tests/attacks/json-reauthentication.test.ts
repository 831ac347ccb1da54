import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { startSystem } from '../kit/system.ts';
import { ADA, BEN, copyOf, SESSION, signedIn, WRONG_PASSWORD } from '../kit/visitor.ts';

const CONFIRM = '/api/account/confirm';

onEveryDatabase('fresh authentication over JSON', (engine) => {
  it('A38 A09: takes the password of the signed-in user alone, and replaces the token of the session', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    await system.visitor().register(BEN.username, BEN.password);
    system.clock.advance(HOUR);
    const before = copyOf(system, ada);
    assert.equal(
      (await ada.postJson(CONFIRM, { username: BEN.username, password: BEN.password })).status,
      401,
    );
    const answer = await ada.postJson(CONFIRM, { password: ADA.password, next: 'https://attacker.example' });
    assert.equal(answer.status, 200, answer.body);
    assert.deepEqual(JSON.parse(answer.body), { next: '/dashboard', messages: [] });
    assert.notEqual(ada.cookies.get(SESSION), before.cookies.get(SESSION));
    assert.equal((await before.get('/api/session')).status, 401);
  });

  it('A40: is limited together with the form', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    system.clock.advance(HOUR);
    for (const _ of [1, 2, 3])
      assert.equal((await ada.postJson(CONFIRM, { password: WRONG_PASSWORD })).status, 401);
    for (const _ of [1, 2]) await ada.submit('/account/confirm', { password: WRONG_PASSWORD });
    assert.equal((await ada.postJson(CONFIRM, { password: ADA.password })).status, 429);
  });

  it('A70: mails no code for an account that has a password', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    for (const path of ['/api/account/confirm-by-mail', '/api/account/confirm-by-mail/code']) {
      const answer = await ada.postJson(path, { code: '12345678' });
      assert.equal(answer.status, 409);
      assert.equal(JSON.parse(answer.body).problems[0].reason, 'mail-unavailable');
    }
  });
});
