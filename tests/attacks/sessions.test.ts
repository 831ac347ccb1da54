import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { disableAccount, eventsOf, startSystem } from '../kit/system.ts';
import {
  ADA,
  BEN,
  isSignedIn,
  presentToken,
  registerAndSignIn,
  SESSION,
  sessionIdOf,
} from '../kit/visitor.ts';

onEveryDatabase('a session', (engine) => {
  it('A09: gets a new token at every sign-in, and a planted token stays invalid', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    const planted = 'A'.repeat(107);
    ada.cookies.set(SESSION, planted);
    await ada.signIn(ADA.username, ADA.password);
    const first = ada.cookies.get(SESSION);
    assert.ok(first && first !== planted);
    assert.equal((await presentToken(system, planted)).status, 401);
    assert.equal((await presentToken(system, first)).status, 200);
  });

  it('A09: ends when a new sign-in in the same browser replaces it, even that of another user', async () => {
    await using system = await startSystem({}, engine);
    const browser = system.visitor();
    await browser.register(ADA.username, ADA.password);
    await browser.register(BEN.username, BEN.password);
    await browser.signIn(ADA.username, ADA.password);
    const adas = String(browser.cookies.get(SESSION));
    const token = await browser.token('/dashboard');
    await browser.post('/login', { csrf: token, username: BEN.username, password: BEN.password });
    const bens = String(browser.cookies.get(SESSION));
    assert.equal((await presentToken(system, adas)).status, 401);
    assert.match((await presentToken(system, bens)).body, /"username":"Ben"/);
  });

  it('I09: that a sign-in of another user ends in the same browser ends with one event', async () => {
    await using system = await startSystem({}, engine);
    const browser = await registerAndSignIn(system.visitor());
    await system.visitor().register(BEN.username, BEN.password);
    const adas = await sessionIdOf(browser);
    const csrf = await browser.token('/dashboard');
    await browser.post('/login', { csrf, username: BEN.username, password: BEN.password });
    const ended = system.events.flatMap((event) => (event.type === 'signed-out' ? [event.sessionId] : []));
    assert.deepEqual(ended, [adas]);
    assert.deepEqual(
      system.events.map(({ type }) => type).filter((type) => type.startsWith('signed-')),
      ['signed-in', 'signed-out', 'signed-in'],
    );
  });

  it('I09: is not ended by a sign-in to an account that is disabled', async () => {
    await using system = await startSystem({}, engine);
    const browser = await registerAndSignIn(system.visitor());
    await system.visitor().register(BEN.username, BEN.password);
    await disableAccount(system, BEN.username);
    const csrf = await browser.token('/dashboard');
    const answer = await browser.post('/login', { csrf, username: BEN.username, password: BEN.password });
    assert.equal(answer.status, 401);
    assert.equal(await isSignedIn(browser), true);
    assert.deepEqual(eventsOf(system, 'signed-out'), []);
  });

  it('I09: ends with one event when its form to sign out is sent twice at once', async () => {
    await using system = await startSystem({}, engine);
    const browser = await registerAndSignIn(system.visitor());
    const csrf = await browser.token('/dashboard');
    await Promise.all([browser.post('/logout', { csrf }), browser.post('/logout', { csrf })]);
    assert.equal(eventsOf(system, 'signed-out').length, 1);
  });

  it('A09: is never read from the URL', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const token = String(ada.cookies.get(SESSION));
    const answer = await system.visitor().get(`/api/session?latchkey=${token}&session=${token}`);
    assert.equal(answer.status, 401);
  });

  it('A10: stays ended after sign-out when its cookie is replayed', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const token = String(ada.cookies.get(SESSION));
    const out = await ada.signOut();
    assert.equal(out.status, 303);
    assert.equal(out.location, '/login');
    assert.equal(out.headers.get('clear-site-data'), '"storage"');
    assert.equal(ada.cookies.has(SESSION), false);
    assert.equal((await presentToken(system, token)).status, 401);
  });

  it('A13: is not opened by a token of another shape or kind', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.get('/login');
    const visitorToken = String(ada.cookies.get('latchkey-visitor'));
    await ada.signIn(ADA.username, ADA.password);
    const token = String(ada.cookies.get(SESSION));
    const csrf = await ada.token('/dashboard');
    const tries = [
      visitorToken,
      csrf,
      token.slice(0, -1),
      `${token}A`,
      token.toLowerCase(),
      'null',
      '[]',
      '{}',
      '%00',
    ];
    for (const tried of tries) assert.equal((await presentToken(system, tried)).status, 401, tried);
    assert.equal((await presentToken(system, token)).status, 200);
  });

  it('A45: is refused when two different cookies claim its name', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const token = String(ada.cookies.get(SESSION));
    const other = 'B'.repeat(107);
    for (const cookie of [
      `${SESSION}=${token}; ${SESSION}=${other}`,
      `${SESSION}=${other}; ${SESSION}=${token}`,
    ]) {
      const answer = await system.visitor().get('/api/session', { cookie });
      assert.equal(answer.status, 401, cookie);
    }
    const planted = await system.visitor().get('/api/session', { cookie: `\u00a0${SESSION}=${token}` });
    assert.equal(planted.status, 401, 'a name that only seems to begin with ours');
    const nameless = await system.visitor().get('/api/session', { cookie: `=${SESSION}=${token}` });
    assert.equal(nameless.status, 401);
  });

  it('A59: ends at its idle limit, to the millisecond, and continues when it is used before', async () => {
    await using system = await startSystem({ sessionIdle: '1h', sessionLifetime: '7d' }, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    system.clock.advance(HOUR - 1);
    assert.equal((await ada.get('/api/session')).status, 200);
    system.clock.advance(HOUR - 1);
    assert.equal((await ada.get('/api/session')).status, 200);
    system.clock.advance(HOUR);
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('A59: does not end at its idle limit while it is in use, however short the limit is', async () => {
    await using system = await startSystem({ sessionIdle: '1m' }, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    for (let seconds = 0; seconds < 300; seconds += 50) {
      system.clock.advance(50 * SECOND);
      assert.equal((await ada.get('/api/session')).status, 200, `after ${seconds + 50} seconds`);
    }
  });

  it('A59: ends at its lifetime, however often it is used', async () => {
    await using system = await startSystem({ sessionIdle: '2h', sessionLifetime: '1d' }, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    for (let hour = 1; hour < 24; hour += 1) {
      system.clock.advance(HOUR);
      assert.equal((await ada.get('/api/session')).status, 200, `after ${hour} hours`);
    }
    system.clock.advance(HOUR - 1);
    assert.equal((await ada.get('/api/session')).status, 200);
    system.clock.advance(1);
    assert.equal((await ada.get('/api/session')).status, 401);
  });
});
