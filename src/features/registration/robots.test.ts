import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSystem, usernamesIn } from '../../../tests/kit/system.ts';
import { ADA, type Fields, type Visitor } from '../../../tests/kit/visitor.ts';
import { DAY, SECOND } from '../../platform/runtime/clock.ts';
import { Overloaded } from '../../platform/runtime/limits.ts';
import { NO_FORM } from '../../platform/web/index.ts';
import { createRobotCheck } from './robots.ts';

/** The fields of the page as a browser sends them, with what was typed. */
async function filledIn(visitor: Visitor, typed: Fields): Promise<Fields> {
  const { body } = await visitor.get('/register');
  const value = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1] ?? '';
  return { csrf: value('csrf'), opened: value('opened'), comment: '', email: '', ...typed };
}

describe('a registration form whose hidden field is filled in', () => {
  it('P52: comes back with what was typed, says why, and is accepted once it is sent again', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    const typed = { ...ADA, email: 'ada@example.org', next: '/dashboard' };
    const answer = await ada.post('/register', await filledIn(ada, { ...typed, comment: 'ada@example.org' }));
    assert.equal(answer.status, 422);
    assert.match(answer.body, /role="alert">Your browser or password manager filled in a field/);
    assert.match(answer.body, / value="Ada".* value="ada@example\.org"/s);
    assert.doesNotMatch(answer.body, new RegExp(`name="comment"|${ADA.password}`));
    assert.deepEqual([await usernamesIn(system), system.hasher.counts.hashes], [[], 0]);
    // A browser sends the fields that are there, so it cannot fill that one in again.
    const { comment: _, ...shown } = await filledIn(ada, { ...typed, password: 'short' });
    const repeated = await ada.post('/register', shown);
    assert.equal(repeated.status, 422);
    assert.doesNotMatch(repeated.body, /name="comment"/);
    assert.equal(
      (await ada.post('/register', { ...shown, password: ADA.password })).location,
      '/login?next=%2Fdashboard',
    );
    assert.deepEqual(await usernamesIn(system), [ADA.username]);
    const refused = system.events.filter(({ type }) => type === 'registration-refused');
    assert.deepEqual(
      refused.map((event) => 'reason' in event && event.reason),
      ['robot', 'invalid-fields'],
    );
  });
});

describe('a registration form', () => {
  it('is read at once if it was open for the minimum time', async () => {
    await using system = await startSystem({ registrationMinTime: '2s' });
    const ada = system.visitor();
    const fields = await filledIn(ada, ADA);
    system.clock.advance(2 * SECOND);
    assert.equal((await ada.post('/register', fields)).status, 303);
    assert.deepEqual(system.pauses, []);
  });

  it('waits for the remaining time if it comes sooner, and then succeeds', async () => {
    await using system = await startSystem({ registrationMinTime: '2s' });
    const ada = system.visitor();
    const fields = await filledIn(ada, ADA);
    system.clock.advance(500);
    assert.equal((await ada.post('/register', fields)).status, 303);
    assert.deepEqual(system.pauses, [1_500]);
  });

  it('waits for the full time if its timestamp is missing or forged', async () => {
    await using system = await startSystem({ registrationMinTime: '2s' });
    const ada = system.visitor();
    const { opened: _, ...fields } = await filledIn(ada, ADA);
    system.clock.advance(DAY);
    const stamps = [{}, { opened: '0' }, { opened: '0.AAAA' }, { opened: 'x.y.z' }];
    for (const [number, opened] of stamps.entries()) {
      const answer = await ada.post('/register', { ...fields, ...opened, username: `ada-${number}` });
      assert.equal(answer.status, 303);
    }
    assert.deepEqual(system.pauses, [2_000, 2_000, 2_000, 2_000]);
  });

  it('A60: does not wait if its fields are invalid, also as JSON, so that it takes no slot', async () => {
    await using system = await startSystem({ registrationMinTime: '2s' });
    assert.equal((await system.visitor().postJson('/api/register', {})).status, 422);
    assert.equal((await system.visitor().register(ADA.username, 'short')).status, 422);
    assert.deepEqual(system.pauses, []);
  });

  it('is shown again with what was typed if it is older than a day', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    const fields = await filledIn(ada, ADA);
    system.clock.advance(DAY + 1);
    const answer = await ada.post('/register', fields);
    assert.equal(answer.status, 422);
    assert.match(answer.body, /This page was open for more than a day/);
    assert.match(answer.body, /value="Ada"/);
    assert.doesNotMatch(answer.body, new RegExp(ADA.password));
    assert.deepEqual(await usernamesIn(system), []);
    assert.equal((await ada.register(ADA.username, ADA.password)).status, 303);
  });

  it('never waits if the minimum time is zero', async () => {
    await using system = await startSystem({ registrationMinTime: '0s' });
    assert.equal((await system.visitor().register(ADA.username, ADA.password)).status, 303);
    assert.deepEqual(system.pauses, []);
  });

  it('A60: is refused while two hundred are waiting, or twenty of its client, and accepted again afterwards', async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const formTimes = { stamp: () => '', age: () => 0 };
    const { waitForRest } = createRobotCheck({ formTimes, pause: () => ended }, SECOND);
    const ofClient = Array.from({ length: 20 }, () => waitForRest(NO_FORM, '192.0.2.7'));
    await assert.rejects(waitForRest(NO_FORM, '192.0.2.7'), Overloaded);
    const others = Array.from({ length: 180 }, (_, number) => waitForRest(NO_FORM, `198.51.100.${number}`));
    await assert.rejects(waitForRest(NO_FORM, '203.0.113.1'), Overloaded);
    end();
    await Promise.all([...ofClient, ...others]);
    await waitForRest(NO_FORM, '192.0.2.7');
  });
});
