import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { KyselyPlugin } from 'kysely';
import { createSessions } from '../../src/auth/sessions/sessions.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { existingAccountId, reachInside, SECRET_KEY, startSystem } from '../kit/system.ts';
import type { Database } from '../kit/tables.ts';
import {
  ADA,
  changePassword,
  NEW_PASSWORD,
  newToken,
  presentToken,
  ROTATE,
  rotateToken,
  sessionIdOf,
  signedIn,
  signInAs,
  visit,
} from '../kit/visitor.ts';

onEveryDatabase('the token of a session', (engine) => {
  it('is replaced after ten minutes of use, and not before', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    system.clock.advance(ROTATE - 1);
    assert.equal(newToken(await ada.get('/api/session')), null);
    system.clock.advance(1);
    const answer = await ada.get('/api/session');
    assert.equal(answer.status, 200);
    assert.notEqual(newToken(answer) ?? token, token);
    assert.equal(newToken(await ada.get('/api/session')), null, 'once');
  });

  it('is replaced in every kind of answer: a page, a redirect and a refusal', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    const csrf = await ada.token('/dashboard');
    const answers = [
      () => ada.get('/dashboard'),
      () => ada.get('/login'),
      () => ada.post('/logout', { csrf: 'forged' }),
      () => ada.post('/account/confirm', { csrf, password: 'not the password at all' }),
    ];
    for (const [status, answer] of [200, 303, 403, 401].map(
      (each, index) => [each, answers[index]] as const,
    )) {
      system.clock.advance(ROTATE);
      const given = await answer?.();
      assert.equal(given?.status, status);
      assert.ok(given && newToken(given), `with ${status}`);
    }
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('remains valid for thirty seconds after it is replaced, for requests under way', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotateToken(system, ada);
    assert.equal((await presentToken(system, successor)).status, 200);
    system.clock.advance(30 * SECOND - 1);
    const late = await presentToken(system, token);
    assert.equal(late.status, 200);
    assert.equal(newToken(late), null, 'its successor is in use, so nobody gets that again');
  });

  it('is replaced by the same successor on a node that has the keys in another order', async () => {
    const [old, fresh] = ['p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu', 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa'];
    await using before = await startSystem({ secretKey: `${old},${fresh}` }, engine);
    const { ada, token } = await signedIn(before);
    const lost = await rotateToken(before, ada);
    await using after = await startSystem(
      { secretKey: `${fresh},${old}` },
      existingDatabase(before.databaseUrl),
    );
    after.clock.advance(ROTATE);
    assert.equal(newToken(await presentToken(after, token)), lost);
  });

  it('A09: is not replaced by a request under way once fresh authentication has replaced it', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const id = await sessionIdOf(ada);
    const accountId = await existingAccountId(system, ADA.username);
    system.clock.advance(ROTATE);
    const { database, sessions } = reachInside(
      system,
      'the proof must come between the look-up of the session and its rotation',
    ).core;
    let renewed: string | null = null;
    const lookUp: Database['lookUp'] = (query) => {
      const find = database.lookUp(query);
      return async (parameter) => {
        const found = await find(parameter);
        const [session] = await sessions.list(accountId, system.clock.read());
        assert.ok(session !== undefined && session.id === id);
        const named = { user: { id: accountId }, session };
        renewed ??= await sessions.renew(named, system.clock.read(), { by: 'password' });
        return found;
      };
    };
    const span = { idle: DAY, lifetime: DAY };
    const limits = { ...span, remembered: span, rotate: ROTATE, perAccount: 1 };
    const late = createSessions({ ...database, lookUp }, createSecrets([SECRET_KEY]), limits, async () => {});
    assert.equal(await late.check(token, visit(system.clock.read())), null);
    const answer = await presentToken(system, String(renewed));
    assert.deepEqual([answer.status, newToken(answer)], [200, null], 'the proven token stands');
  });

  it('A10: is reported as stolen to the owner although all sessions were ended meanwhile', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const elsewhere = await signInAs(system.visitor());
    assert.equal((await presentToken(system, await rotateToken(system, ada))).status, 200);
    system.clock.advance(MINUTE);
    assert.equal((await presentToken(system, token)).status, 401);
    await changePassword(elsewhere, NEW_PASSWORD, ADA.password);
    await elsewhere.signOut();
    await elsewhere.signIn(ADA.username, NEW_PASSWORD);
    assert.match((await elsewhere.get('/dashboard')).body, /an old copy of its cookie was used/);
  });

  it('A10: ends the session when it is presented again, however often it was replaced since', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    for (let times = 0; times < 5; times += 1) await rotateToken(system, ada);
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.equal((await presentToken(system, token)).status, 401);
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('A13: is refused without ending the session when it is forged', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    const successor = await rotateToken(system, ada);
    system.clock.advance(MINUTE);
    for (let position = 0; position < successor.length; position += 1) {
      const other = successor[position] === 'A' ? 'B' : 'A';
      const forged = successor.slice(0, position) + other + successor.slice(position + 1);
      assert.equal((await presentToken(system, forged)).status, 401, `changed at ${position}`);
    }
    assert.equal((await presentToken(system, successor)).status, 200);
  });

  it('A59: is not reported as stolen when it is presented after the idle limit', async () => {
    await using system = await startSystem({ sessionIdle: '1h' }, engine);
    const { ada, token } = await signedIn(system);
    await rotateToken(system, ada);
    system.clock.advance(HOUR);
    assert.equal((await presentToken(system, token)).status, 401);
    assert.equal(system.events.filter(({ type }) => type === 'session-stolen').length, 0);
  });

  it('A58: is not replaced while the database refuses writes', async () => {
    await using system = await startSystem({}, engine);
    const { token } = await signedIn(system);
    const { database } = reachInside(system, 'no public function makes the database refuse writes').core;
    const refusing: KyselyPlugin = {
      transformQuery: ({ node }) => {
        if (node.kind === 'UpdateQueryNode') throw new Error('read-only at the moment');
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const queries = database.queries.withPlugin(refusing);
    const span = { idle: HOUR, lifetime: HOUR };
    const limits = { ...span, remembered: span, rotate: ROTATE, perAccount: 1 };
    const sessionsOn = (isUnavailable: boolean) =>
      createSessions(
        { ...database, queries, isUnavailable: () => isUnavailable },
        createSecrets([SECRET_KEY]),
        limits,
        async () => {},
      );
    for (const later of [2 * MINUTE, ROTATE]) {
      const asked = visit(system.clock.read() + later);
      const checked = await sessionsOn(true).check(token, asked);
      assert.ok(checked !== null && 'signedIn' in checked && checked.successor === null);
      await assert.rejects(
        async () => sessionsOn(false).check(token, asked),
        /read-only/,
        'a defect is none',
      );
    }
  });
});
