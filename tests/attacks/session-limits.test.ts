import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { eventsOf, startSystem, type TestOptions } from '../kit/system.ts';
import { ADA, isSignedIn, sessionCookie, type Visitor } from '../kit/visitor.ts';

onEveryDatabase('“Keep me signed in”', (engine) => {
  const limits: TestOptions = {
    sessionIdle: '1h',
    sessionLifetime: '2h',
    sessionRememberIdle: '2d',
    sessionRememberLifetime: '3d',
  };

  it('selects the longer limits and a persistent cookie, also after its token is replaced', async () => {
    await using system = await startSystem(limits, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const answer = await ada.submit('/login', { ...ADA, remember: 'on' });
    assert.match(String(sessionCookie(answer)), /; Max-Age=259200;/);
    system.clock.advance(2 * 24 * HOUR - 1);
    const later = await ada.get('/api/session');
    assert.equal(later.status, 200);
    assert.match(String(sessionCookie(later)), /; Max-Age=86401;/);
    system.clock.advance(24 * HOUR);
    assert.equal((await ada.get('/api/session')).status, 200);
    system.clock.advance(1);
    assert.equal((await ada.get('/api/session')).status, 401, 'three days are over');
  });

  it('is optional: without it the cookie ends with the browser, and the shorter limits apply', async () => {
    await using system = await startSystem(limits, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const answer = await ada.signIn(ADA.username, ADA.password);
    assert.doesNotMatch(String(sessionCookie(answer)), /Max-Age|Expires/);
    system.clock.advance(HOUR);
    assert.equal((await ada.get('/api/session')).status, 401);
  });
});

onEveryDatabase('an account', (engine) => {
  it('I09: that exceeds its maximum of sessions loses the one that was idle longest, with an event', async () => {
    await using system = await startSystem({ sessionsPerAccount: '3' }, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const visitors: Visitor[] = [];
    for (let number = 0; number < 3; number += 1) {
      const visitor = system.visitor();
      await visitor.signIn(ADA.username, ADA.password);
      visitors.push(visitor);
      system.clock.advance(MINUTE);
    }
    const [first, second, third] = visitors;
    assert.equal(
      (await first?.get('/api/session'))?.status,
      200,
      'seen again, so the second is the oldest idle one',
    );
    const fourth = system.visitor();
    await fourth.signIn(ADA.username, ADA.password);
    const statuses = [first, second, third, fourth].map(
      async (each) => (await each?.get('/api/session'))?.status,
    );
    assert.deepEqual(await Promise.all(statuses), [200, 401, 200, 200]);
    const ended = eventsOf(system, 'session-ended');
    assert.equal(ended.length, 1);
  });

  it('I09: never has more sessions than its maximum, however many browsers sign in at once, and each ends with one event', async () => {
    await using system = await startSystem({ sessionsPerAccount: '5' }, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const visitors = Array.from({ length: 20 }, system.visitor);
    await Promise.all(visitors.map((visitor) => visitor.signIn(ADA.username, ADA.password)));
    const left = await Promise.all(visitors.map(isSignedIn));
    assert.equal(left.filter(Boolean).length, 5);
    assert.equal(eventsOf(system, 'session-ended').length, 15);
  });
});
