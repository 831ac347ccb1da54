import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { KyselyPlugin } from 'kysely';
import { HOUR, MINUTE, SECOND } from '../../src/core/clock.ts';
import { createSecrets } from '../../src/core/secrets.ts';
import { createSessions } from '../../src/core/sessions/sessions.ts';
import { existingDatabase, onEveryDatabase } from '../support/databases.ts';
import { ADA } from '../support/people.ts';
import { visit } from '../support/session-request.ts';
import { SECRET_KEY, startSystem, type TestOptions, type TestSystem } from '../support/system.ts';
import { type Answer, createVisitor, type Visitor } from '../support/visitor.ts';

const SESSION = 'latchkey';
const ROTATE = 10 * MINUTE;

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

  it('is replaced by every kind of answer: pages, redirections, refusals', async () => {
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

  it('A60: has one successor, however many requests show it at once on however many nodes', async () => {
    await using one = await startSystem({}, engine);
    await using other = await startSystem({}, existingDatabase(one.databaseUrl));
    const { token } = await signedIn(one);
    for (const { clock } of [one, other]) clock.advance(ROTATE);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, number) => show(number % 2 === 0 ? one : other, token)),
    );
    for (const { status } of answers) assert.equal(status, 200);
    const successors = new Set(answers.map(newToken).filter((found) => found !== null));
    assert.equal(successors.size, 1);
    const [successor = ''] = successors;
    assert.equal((await show(other, successor)).status, 200);
  });

  it('works for another thirty seconds once it is replaced, for what was under way', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotated(system, ada);
    assert.equal((await show(system, successor)).status, 200);
    system.clock.advance(30 * SECOND - 1);
    const late = await show(system, token);
    assert.equal(late.status, 200);
    assert.equal(newToken(late), null, 'its successor is in use, so nobody gets that again');
  });

  it('is replaced by the same successor again when the answer with it got lost', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const lost = await rotated(system, ada);
    system.clock.advance(30 * SECOND - 1);
    assert.equal(newToken(await show(system, token)), lost);
    system.clock.advance(HOUR);
    assert.equal((await show(system, lost)).status, 200);
  });

  it('is replaced by the same successor on a node that has the keys in another order', async () => {
    const [old, fresh] = ['p8Vn2cXq0LzR7tYw4KfS9aHd3JgM6bEu', 'W5xQ1oTi8NvB3rCk7ZyP0mDf6GhL2sJa'];
    await using before = await startSystem({ secretKey: `${old},${fresh}` }, engine);
    const { ada, token } = await signedIn(before);
    const lost = await rotated(before, ada);
    await using after = await startSystem(
      { secretKey: `${fresh},${old}` },
      existingDatabase(before.databaseUrl),
    );
    after.clock.advance(ROTATE);
    assert.equal(newToken(await show(after, token)), lost);
  });

  it('A10: shown long after it was replaced ends the whole session, and its owner is told', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotated(system, ada);
    assert.equal((await show(system, successor)).status, 200);
    system.clock.advance(30 * SECOND);
    assert.equal((await show(system, token)).status, 401, 'the thief');
    assert.equal((await show(system, successor)).status, 401, 'and the owner, for nobody knows who is who');
    const { id } = await accountOf(system);
    const stolen = system.events.filter(({ type }) => type === 'session-stolen');
    assert.deepEqual(
      stolen.map((event) => 'accountId' in event && event.accountId),
      [id],
    );
    await ada.signIn(ADA.username, ADA.password);
    assert.match((await ada.get('/dashboard')).body, /somebody used an old copy of its cookie/);
    await ada.signOut();
    await ada.signIn(ADA.username, ADA.password);
    assert.doesNotMatch((await ada.get('/dashboard')).body, /old copy/, 'once');
  });

  it('A10: is told apart however long ago it was replaced', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    for (let times = 0; times < 5; times += 1) await rotated(system, ada);
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.equal((await show(system, token)).status, 401);
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('A10: is noticed once when sixteen show it at once', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    await rotated(system, ada);
    system.clock.advance(MINUTE);
    const answers = await Promise.all(Array.from({ length: 16 }, () => show(system, token)));
    for (const { status } of answers) assert.equal(status, 401);
    assert.equal(system.events.filter(({ type }) => type === 'session-stolen').length, 1);
  });

  it('A13: that we never made ends nothing, though it names the session', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    const successor = await rotated(system, ada);
    system.clock.advance(MINUTE);
    for (let position = 0; position < successor.length; position += 1) {
      const other = successor[position] === 'A' ? 'B' : 'A';
      const forged = successor.slice(0, position) + other + successor.slice(position + 1);
      assert.equal((await show(system, forged)).status, 401, `changed at ${position}`);
    }
    assert.equal((await show(system, successor)).status, 200);
  });

  it('A59: shown after the idle limit is just over: nobody is alarmed', async () => {
    await using system = await startSystem({ sessionIdle: '1h' }, engine);
    const { ada, token } = await signedIn(system);
    await rotated(system, ada);
    system.clock.advance(HOUR);
    assert.equal((await show(system, token)).status, 401);
    assert.equal(system.events.filter(({ type }) => type === 'session-stolen').length, 0);
  });

  it('A59: gains no time from a clock that steps back', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotated(system, ada);
    system.clock.advance(-HOUR);
    assert.equal((await show(system, token)).status, 401);
    assert.equal((await show(system, successor)).status, 200, 'and nobody is signed out');
    system.clock.advance(HOUR);
    assert.equal(
      newToken(await show(system, token)),
      null,
      'nor is the successor, which is in use, given again',
    );
    assert.equal((await show(system, successor)).status, 200);
  });

  it('A58: stays as it is while the database takes no writing', async () => {
    await using system = await startSystem({}, engine);
    const { token } = await signedIn(system);
    const { database } = system.system.core;
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

onEveryDatabase('a fresh proof', (engine) => {
  it('A09: gives the session another token, and the one before is dead at once', async () => {
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
    assert.equal((await show(system, before)).status, 401);
    assert.equal((await show(system, renewed)).status, 200, 'a request that was under way is no theft');
    system.clock.advance(30 * SECOND);
    assert.equal((await show(system, before)).status, 401);
    assert.equal((await show(system, renewed)).status, 401, 'half a minute later it is');
  });

  it('A38: is that of whoever is signed in, and of nobody else', async () => {
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

  it('is not asked for while there is one', async () => {
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

  it('does not bring back a session that was ended meanwhile', async () => {
    await using system = await startSystem({}, engine);
    const { ada } = await signedIn(system);
    const { session } = JSON.parse((await ada.get('/api/session')).body);
    const { id } = await accountOf(system);
    const { sessions } = system.system.core;
    assert.equal(await sessions.end(id, session.id), true);
    assert.equal(await sessions.renew(session.id, system.clock.read()), null);
  });
});

onEveryDatabase('“Keep me signed in”', (engine) => {
  const limits: TestOptions = {
    sessionIdle: '1h',
    sessionLifetime: '2h',
    sessionRememberIdle: '2d',
    sessionRememberLifetime: '3d',
  };

  it('chooses the longer limits, and a cookie that outlives the browser; also after it was replaced', async () => {
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

  it('is a choice: without it the cookie ends with the browser, and the limits are the short ones', async () => {
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
  it('has only so many sessions: with one more, the one unused longest ends', async () => {
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
  });

  it('has no more than that, however many sign in at once', async () => {
    await using system = await startSystem({ sessionsPerAccount: '5' }, engine);
    await system.visitor().register(ADA.username, ADA.password);
    await Promise.all(Array.from({ length: 20 }, () => system.visitor().signIn(ADA.username, ADA.password)));
    const { id } = await accountOf(system);
    const left = await system.system.core.sessions.list(id, system.clock.read());
    assert.equal(left.length, 5);
  });
});

async function signedIn(system: TestSystem) {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await ada.signIn(ADA.username, ADA.password);
  return { ada, token: String(ada.cookies.get(SESSION)) };
}

async function accountOf({ system }: TestSystem) {
  return { id: String(await system.core.accounts.find(ADA.username)) };
}

/** Lets the time come, and has the visitor's token replaced. */
async function rotated(system: TestSystem, visitor: Visitor): Promise<string> {
  system.clock.advance(ROTATE);
  const successor = newToken(await visitor.get('/api/session'));
  assert.ok(successor !== null);
  return successor;
}

/** Lets the last proof of a visitor grow old. */
async function staleProof(system: TestSystem, visitor: Visitor): Promise<void> {
  system.clock.advance(ROTATE);
  await visitor.get('/api/session');
}

/** Shows a token on a browser of its own. */
function show({ fetch, origin }: TestSystem, token: string): Promise<Answer> {
  const somebody = createVisitor(fetch, origin);
  somebody.cookies.set(SESSION, token);
  return somebody.get('/api/session');
}

function sessionCookie({ headers }: Answer): string | null {
  return headers.getSetCookie().find((line) => line.startsWith(`${SESSION}=`)) ?? null;
}

function newToken(answer: Answer): string | null {
  return /^latchkey=([^;]+)/.exec(sessionCookie(answer) ?? '')?.[1] ?? null;
}
