import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import {
  ADA,
  accountOf,
  newToken,
  presentToken,
  ROTATE,
  SESSION,
  signedIn,
  type Visitor,
} from '../kit/visitor.ts';

onEveryDatabase('fresh authentication', (engine) => {
  it('A09 V7.2.4: gives the session a new token, and the previous one is refused at once', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    system.clock.advance(MINUTE);
    const csrf = await ada.token('/dashboard');
    await staleProof(system, ada);
    const before = String(ada.cookies.get(SESSION));
    const answer = await ada.post('/account/confirm', { csrf, password: ADA.password, next: '/dashboard' });
    assert.equal(answer.location, '/dashboard');
    const renewed = newToken(answer);
    assert.ok(renewed !== null && renewed !== before && renewed !== token);
    assert.equal((await presentToken(system, before)).status, 401);
    assert.equal(
      (await presentToken(system, renewed)).status,
      200,
      'a request that was under way is no theft',
    );
    system.clock.advance(30 * SECOND);
    assert.equal((await presentToken(system, before)).status, 401);
    assert.equal((await presentToken(system, renewed)).status, 401, 'half a minute later it is');
  });

  it('A38: is accepted only with the password of the signed-in user', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register('Ben', 'seven paper boats at dusk');
    const { ada } = await signedIn(system);
    await staleProof(system, ada);
    const wrong = await ada.submit('/account/confirm', {
      password: 'seven paper boats at dusk',
      username: 'Ben',
    });
    assert.equal(wrong.status, 401);
    assert.match(wrong.body, /That password is not right/);
    assert.equal(newToken(wrong), null);
    assert.equal((await ada.get('/account/confirm?next=/dashboard')).status, 200, 'it is still asked for');
  });

  it('is not requested while the last one is less than ten minutes old', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    system.clock.advance(ROTATE - 1);
    assert.equal((await ada.get('/account/confirm?next=/dashboard')).location, '/dashboard');
    system.clock.advance(1);
    assert.equal((await ada.get('/account/confirm?next=/dashboard')).status, 200);
    for (const next of ['//evil.example', 'https://evil.example/']) {
      const answer = await ada.submit('/account/confirm', { password: ADA.password, next });
      assert.equal(answer.location, '/dashboard', `A27: ${next}`);
      system.clock.advance(ROTATE);
    }
  });

  it('A11: is refused when the password changes while it is being checked', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    system.clock.advance(MINUTE);
    const csrf = await ada.token('/account/sessions');
    const thief = system.visitor();
    thief.cookies.set(SESSION, token);
    const { reached, release } = system.hasher.holdVerifications();
    const confirming = thief.post('/account/confirm', { csrf, password: ADA.password });
    await reached;
    const changed = await ada.submit('/account/password', { 'new-password': 'four grey herons on a pier' });
    assert.equal(changed.location, '/account');
    release();
    const answer = await confirming;
    assert.deepEqual([answer.location, newToken(answer)], ['/login', null]);
    assert.equal((await thief.get('/api/session')).status, 401);
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('leaves the cookie of the browser alone when the session is renewed while it is being checked', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    const csrf = await ada.token('/account/sessions');
    const { sessions } = reachInside(system, 'the session must be renewed between check and proof').core;
    const { id } = await accountOf(system);
    const [session] = await sessions.list(id, system.clock.read());
    assert.ok(session !== undefined);
    const named = { user: { id }, session };
    // The request's own session check replaces the token of the session.
    system.clock.advance(ROTATE);
    const { reached, release } = system.hasher.holdVerifications();
    const confirming = ada.post('/account/confirm', { csrf, password: ADA.password });
    await reached;
    assert.notEqual(await sessions.renew(named, system.clock.read(), { by: 'password' }), null);
    release();
    const answer = await confirming;
    assert.deepEqual([answer.location, newToken(answer)], ['/login', null]);
  });

  it('leaves the session with one token when it is given twice at once', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    const forms = [await ada.token('/account/sessions'), await ada.token('/account/sessions')];
    system.clock.advance(ROTATE);
    const confirm = (csrf: string) => ada.post('/account/confirm', { csrf, password: ADA.password });
    const answers = await Promise.all(forms.map(confirm));
    assert.equal(answers.filter(({ location }) => location === '/dashboard').length, 1);
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.equal((await ada.get('/account/confirm?next=/account')).location, '/account');
  });

  it('A59: does not count when it lies too far in the future, as after a clock was set back', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    system.clock.advance(-30 * SECOND + 1);
    assert.equal((await ada.get('/account/confirm?next=/account')).location, '/account', 'another node’s');
    system.clock.advance(-1);
    assert.equal((await ada.get('/account/confirm?next=/account')).status, 200);
    const answer = await ada.submit('/account/confirm', { password: ADA.password, next: '/account' });
    assert.equal(answer.location, '/account');
    assert.equal((await ada.get('/account/confirm?next=/account')).location, '/account');
  });

  it('does not restore a session that was ended meanwhile', async () => {
    await using system = await startSystem({}, engine);
    await signedIn(system);
    const { id } = await accountOf(system);
    const { sessions } = reachInside(system, 'the session must end between the proof and its token').core;
    const [session] = await sessions.list(id, system.clock.read());
    assert.ok(session !== undefined);
    assert.equal(await sessions.end(id, session.id), true);
    assert.equal(
      await sessions.renew({ user: { id }, session }, system.clock.read(), { by: 'password' }),
      null,
    );
  });
});

/** Lets the last proof of a visitor expire. */
async function staleProof(system: TestSystem, visitor: Visitor): Promise<void> {
  system.clock.advance(ROTATE);
  await visitor.get('/api/session');
}
