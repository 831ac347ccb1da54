import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR } from '../../src/platform/runtime/clock.ts';
import { newId } from '../../src/platform/text/uuid.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { shareCookies, startSystem, startTwoNodes, type TestSystem } from '../kit/system.ts';
import {
  ADA,
  BEN,
  browsersOf,
  DEVICES_PAGE,
  endOtherSessions,
  endSession,
  isSignedIn,
  sessionIdOf,
  signInOn,
} from '../kit/visitor.ts';

/** One of several existing values. */
function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`there is none at ${index}`);
  return item;
}

/** The announced sign-outs, by the sessions that they ended. */
function endings({ events }: TestSystem) {
  return events.flatMap((event) => {
    if (event.type === 'session-ended') return [{ ended: event.sessionId, by: event.endedBy }];
    return event.type === 'signed-out' ? [{ ended: event.sessionId, by: event.sessionId }] : [];
  });
}

onEveryDatabase('a session of another user', (engine) => {
  it('A17: cannot be ended, and the answer is the same as for a session that does not exist', async () => {
    await using system = await startSystem({}, engine);
    const ada = at(await browsersOf(system, ADA, 1), 0);
    const ben = at(await browsersOf(system, BEN, 1), 0);
    const bens = await sessionIdOf(ben);
    const madeUp = newId(system.clock.read());
    const answers = [];
    for (const id of [bens, madeUp, bens.toUpperCase(), '', '%', `${bens}' or '1'='1`]) {
      const { status, location, headers } = await endSession(ada, id);
      answers.push({ status, location, cookies: headers.getSetCookie() });
      ada.cookies.delete('latchkey-flash');
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.deepEqual([answers[0]?.status, answers[0]?.location], [303, DEVICES_PAGE]);
    assert.ok(await isSignedIn(ben));
    assert.ok(await isSignedIn(ada));
    assert.deepEqual(endings(system), []);
  });

  it('A17: is neither listed nor ended by signing out everywhere else', async () => {
    await using system = await startSystem({}, engine);
    const [ada, adasOther] = await browsersOf(system, ADA, 2);
    const ben = at(await browsersOf(system, BEN, 1), 0);
    assert.ok(ada && adasOther);
    const { body } = await ada.get(DEVICES_PAGE);
    assert.equal(body.includes(await sessionIdOf(ben)), false);
    await endOtherSessions(ada);
    assert.deepEqual(await Promise.all([ada, adasOther, ben].map(isSignedIn)), [true, false, true]);
  });
});

onEveryDatabase('a session ended from another browser', (engine) => {
  it('A10: is refused at the next request, on every node', async () => {
    await using nodes = await startTwoNodes(engine);
    const [mine, others, third] = await browsersOf(nodes.one, ADA, 3);
    assert.ok(mine && others && third);
    const elsewhere = [shareCookies(others, nodes.other), shareCookies(third, nodes.other)];
    assert.deepEqual(await Promise.all(elsewhere.map(isSignedIn)), [true, true], 'both nodes have seen both');
    await endSession(mine, await sessionIdOf(others));
    assert.deepEqual(await Promise.all(elsewhere.map(isSignedIn)), [false, true]);
    await endOtherSessions(mine);
    assert.deepEqual(await Promise.all(elsewhere.map(isSignedIn)), [false, false]);
    const everywhere = [mine, shareCookies(mine, nodes.other)];
    assert.deepEqual(await Promise.all(everywhere.map(isSignedIn)), [true, true]);
  });

  it('A60: is ended once when requests to several nodes end it at once', async () => {
    await using nodes = await startTwoNodes(engine);
    const [mine, others] = await browsersOf(nodes.one, ADA, 2);
    assert.ok(mine && others);
    const id = await sessionIdOf(others);
    const askers = [
      mine,
      shareCookies(mine, nodes.other),
      shareCookies(mine, nodes.one),
      shareCookies(mine, nodes.other),
    ];
    await Promise.all(askers.map((asker) => endSession(asker, id)));
    assert.deepEqual(
      [...endings(nodes.one), ...endings(nodes.other)],
      [{ ended: id, by: await sessionIdOf(mine) }],
    );
  });
});

onEveryDatabase('the current session', (engine) => {
  it('A10: is signed out by ending itself, with the same effects as a logout', async () => {
    await using system = await startSystem({}, engine);
    const [mine, others] = await browsersOf(system, ADA, 2);
    assert.ok(mine && others);
    const id = await sessionIdOf(mine);
    const before = shareCookies(mine, system);
    const answer = await endSession(mine, id);
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.equal(answer.headers.get('clear-site-data'), '"storage"');
    assert.equal(mine.cookies.has('latchkey'), false);
    assert.equal(await isSignedIn(before), false, 'whoever kept a copy of its cookie');
    assert.ok(await isSignedIn(others));
    assert.deepEqual(endings(system), [{ ended: id, by: id }]);
    assert.match((await mine.get('/login')).body, /You have been logged out\./);
  });

  it('A60: cannot end other sessions once it has been ended', async () => {
    await using system = await startSystem({}, engine);
    const [mine, others] = await browsersOf(system, ADA, 2);
    assert.ok(mine && others);
    const csrf = await mine.token(DEVICES_PAGE);
    await endSession(others, await sessionIdOf(mine));
    const late = await mine.post(`${DEVICES_PAGE}/end-others`, { csrf });
    assert.match(String(late.location), /^\/login/);
    assert.ok(await isSignedIn(others));
  });
});

onEveryDatabase('the text that a browser sends about itself', (engine) => {
  it('A43: is shown as text', async () => {
    const payloads = [
      '"><script>alert(1)</script>',
      "' autofocus onfocus=alert(1) x='",
      '<img src=x onerror=alert(1)>',
      '</dd></dl></ul></form><form action=//evil.example>',
      `Mozilla/5.0 (X11; Linux <svg/onload=alert(1)>) Firefox/<b>9</b>${'<i>'.repeat(200)}`,
    ];
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    for (const payload of payloads) {
      // Addresses come from the connection; an application that mounts us may hand over anything.
      await signInOn(system.visitorFrom(payload.slice(0, 45)), ADA, { userAgent: payload });
    }
    system.clock.advance(HOUR);
    const { body } = await (await signInOn(system.visitor(), ADA)).get(DEVICES_PAGE);
    assert.equal(body.match(/<li>/g)?.length, payloads.length + 1);
    assert.doesNotMatch(
      body,
      /<script>|<img src=x|<svg|<b>|<i>|evil\.example>|autofocus onfocus=alert\(1\) x='/,
    );
    assert.equal(body.match(/<form/g)?.length, 3, 'sign out, sign out everywhere else, the list');
    assert.match(body, /It calls itself “&lt;img src=x onerror=alert\(1\)&gt;”\./);
  });
});
