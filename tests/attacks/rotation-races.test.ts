import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { NEW_SECRET, OLD_SECRET, shareCookies, sharedDatabase, startSystem } from '../kit/system.ts';
import {
  ADA,
  accountOf,
  newToken,
  presentToken,
  ROTATE,
  registerAndSignIn,
  rotateToken,
  signedIn,
} from '../kit/visitor.ts';

/** More than `SESSION_ROTATE`, and more than a replaced token still works. Milliseconds. */
const ROTATION = 11 * 60_000;
const AFTER_GRACE = 31_000;

onEveryDatabase('the token of a session', (engine) => {
  it('A60: has one successor when forty requests present it at once on two nodes', async () => {
    await using one = await startSystem({}, engine);
    await using other = await startSystem({}, existingDatabase(one.databaseUrl));
    const { token } = await signedIn(one);
    for (const { clock } of [one, other]) clock.advance(ROTATE);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, number) => presentToken(number % 2 === 0 ? one : other, token)),
    );
    for (const { status } of answers) assert.equal(status, 200);
    const successors = new Set(answers.map(newToken).filter((found) => found !== null));
    assert.equal(successors.size, 1);
    const [successor = ''] = successors;
    assert.equal((await presentToken(other, successor)).status, 200);
  });

  it('is replaced by the same successor again when the answer was lost', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const lost = await rotateToken(system, ada);
    system.clock.advance(30 * SECOND - 1);
    assert.equal(newToken(await presentToken(system, token)), lost);
    system.clock.advance(HOUR);
    assert.equal((await presentToken(system, lost)).status, 200);
  });

  it('A62 P01 P02 I06: stays valid without an alarm for days while its successor was never used', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotateToken(system, ada);
    // A browser that crashed and restored older cookies, or a client that drops `Set-Cookie`.
    for (const later of [31 * SECOND, HOUR, 20 * HOUR, 20 * HOUR, 20 * HOUR]) {
      system.clock.advance(later);
      assert.equal(newToken(await presentToken(system, token)), successor);
    }
    assert.equal((await presentToken(system, successor)).status, 200);
    assert.deepEqual(
      system.events.filter(({ type }) => type === 'session-stolen'),
      [],
    );
  });

  it('A62: is replaced by one successor when sixteen requests present it at once long after that was lost', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotateToken(system, ada);
    system.clock.advance(HOUR);
    const answers = await Promise.all(Array.from({ length: 16 }, () => presentToken(system, token)));
    assert.deepEqual(new Set(answers.map(newToken)), new Set([successor]));
    assert.equal((await presentToken(system, successor)).status, 200);
    system.clock.advance(31 * SECOND);
    assert.equal((await presentToken(system, token)).status, 401, 'now that the successor was used');
    assert.equal(system.events.filter(({ type }) => type === 'session-stolen').length, 1);
  });

  it('A62 P03 P04: is not replaced by GET /api/session/check, which keeps the session in use', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    for (let asked = 0; asked < 3; asked += 1) {
      system.clock.advance(20 * HOUR);
      const answer = await ada.get('/api/session/check');
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.headers.getSetCookie(), []);
    }
    assert.equal(ada.cookies.get('latchkey'), token);
    const { body } = await ada.get('/api/session/check');
    assert.equal((await ada.get('/api/session')).body, body);
    ada.cookies.clear();
    assert.equal((await ada.get('/api/session/check', { accept: 'application/json' })).status, 401);
  });

  it('A10: ends the whole session when it is presented long after it was replaced, and the owner is notified', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotateToken(system, ada);
    assert.equal((await presentToken(system, successor)).status, 200);
    system.clock.advance(30 * SECOND);
    assert.equal((await presentToken(system, token)).status, 401, 'the thief');
    assert.equal(
      (await presentToken(system, successor)).status,
      401,
      'and the owner, for nobody knows who is who',
    );
    const { id } = await accountOf(system);
    const stolen = system.events.filter(({ type }) => type === 'session-stolen');
    assert.deepEqual(
      stolen.map((event) => 'accountId' in event && event.accountId),
      [id],
    );
    await ada.signIn(ADA.username, ADA.password);
    assert.match((await ada.get('/dashboard')).body, /an old copy of its cookie was used/);
    await ada.signOut();
    await ada.signIn(ADA.username, ADA.password);
    assert.doesNotMatch((await ada.get('/dashboard')).body, /old copy/, 'once');
  });

  it('A10: is reported as stolen once when sixteen requests present it at once', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    assert.equal((await presentToken(system, await rotateToken(system, ada))).status, 200);
    system.clock.advance(MINUTE);
    const answers = await Promise.all(Array.from({ length: 16 }, () => presentToken(system, token)));
    for (const { status } of answers) assert.equal(status, 401);
    assert.equal(system.events.filter(({ type }) => type === 'session-stolen').length, 1);
  });

  it('A59: gains no time when the clock steps back', async () => {
    await using system = await startSystem({}, engine);
    const { ada, token } = await signedIn(system);
    const successor = await rotateToken(system, ada);
    system.clock.advance(-HOUR);
    assert.equal((await presentToken(system, token)).status, 401);
    assert.equal((await presentToken(system, successor)).status, 200, 'and nobody is signed out');
    system.clock.advance(HOUR);
    assert.equal(
      newToken(await presentToken(system, token)),
      null,
      'nor is the successor, which is in use, given again',
    );
    assert.equal((await presentToken(system, successor)).status, 200);
  });
});

onEveryDatabase('the rotation of SECRET_KEY', (engine) => {
  it('A10: lets every node replace session tokens, and still detects a stolen one that the old key sealed', async () => {
    await using database = await sharedDatabase(engine);
    await using before = await database.serve(`${OLD_SECRET},${NEW_SECRET}`);
    const ada = await registerAndSignIn(before.visitor());
    await using after = await database.serve(`${NEW_SECRET},${OLD_SECRET}`);
    for (const { clock } of [before, after]) clock.advance(ROTATION);
    const moved = shareCookies(ada, after);
    assert.equal((await moved.get('/api/session')).status, 200);
    assert.notEqual(moved.cookies.get('latchkey'), ada.cookies.get('latchkey'), 'it was replaced');
    const stolen = shareCookies(ada, after);
    for (const node of [before, after]) {
      assert.equal((await shareCookies(moved, node).get('/api/session')).status, 200);
      assert.equal(
        (await shareCookies(ada, node).get('/api/session')).status,
        200,
        'on its way with the token of before',
      );
    }
    for (const { clock } of [before, after]) clock.advance(AFTER_GRACE);
    assert.equal((await stolen.get('/api/session')).status, 401);
    assert.equal((await moved.get('/api/session')).status, 401, 'the session is over for both');
  });
});
