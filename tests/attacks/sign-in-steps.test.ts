import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/clock.ts';
import { type Engine, onEveryDatabase } from '../support/databases.ts';
import { isSignedIn } from '../support/devices.ts';
import { ADA, BEN, WRONG_PASSWORD } from '../support/people.ts';
import { accountOf, SESSION } from '../support/session-cookie.ts';
import { createStandInStep, PENDING, type StandInStep } from '../support/stand-in-step.ts';
import { startSystem, type TestOptions, type TestSystem } from '../support/system.ts';
import type { Visitor } from '../support/visitor.ts';

/** A system with one further step, and Ada and Ben; the step stands in Ada's way. */
async function startWithStep(engine: Engine, options: TestOptions = {}) {
  const step = createStandInStep();
  const system = await startSystem(options, engine, { features: step.features });
  await system.visitor().register(ADA.username, ADA.password);
  await system.visitor().register(BEN.username, BEN.password);
  const { id } = await accountOf(system);
  step.blocked.add(id);
  return { system, step, id, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

/** Ada, who has given her password, and waits for the step. */
async function waiting({ system, step }: { system: TestSystem; step: StandInStep }): Promise<Visitor> {
  const ada = system.visitor();
  assert.equal((await ada.signIn(ADA.username, ADA.password)).location, step.path);
  return ada;
}

async function rowsOf({ system }: TestSystem, table: 'pending_sign_ins' | 'sessions') {
  return system.core.database.queries.selectFrom(table).selectAll().execute();
}

onEveryDatabase('a further step', (engine) => {
  it('A37: comes before the session, and leads to where the person wanted to go', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = system.visitor();
    const fields = { username: ADA.username, password: ADA.password, remember: 'on', next: '/account?a=b' };
    const answer = await ada.submit('/login', fields);
    assert.deepEqual([answer.status, answer.location], [303, step.path]);
    assert.deepEqual([ada.cookies.has(SESSION), await isSignedIn(ada)], [false, false]);
    assert.deepEqual(await rowsOf(system, 'sessions'), []);
    assert.match((await ada.get(step.path)).body, /Ada/);

    const done = await ada.submit(step.path, {});
    assert.deepEqual([done.status, done.location], [303, '/account?a=b']);
    assert.match(String(done.headers.getSetCookie()), /latchkey=[^;]+; Max-Age=2592000/, 'remembered');
    assert.deepEqual([await isSignedIn(ada), ada.cookies.has(PENDING)], [true, false]);
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
    assert.deepEqual(
      system.events.flatMap(({ type }) => (type.startsWith('sign') ? [type] : [])),
      ['sign-in-waits', 'signed-in'],
    );
  });

  it('A37: is asked again in the end, and cannot be left out', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await waiting(started);
    const before = ada.cookies.get(PENDING);
    const answer = await ada.submit(step.path, { undone: 'yes' });
    assert.equal(answer.location, step.path, 'it still stands in the way');
    assert.notEqual(ada.cookies.get(PENDING), before);
    assert.equal(await isSignedIn(ada), false);
    const copy = system.visitor();
    copy.cookies.set(PENDING, String(before));
    assert.equal((await copy.get(step.path)).location, '/login', 'the token of before is dead');
  });

  it('A01: is told of after the right password alone', async () => {
    await using started = await startWithStep(engine);
    const { system } = started;
    const answers = [];
    for (const username of [ADA.username, BEN.username, 'Eve']) {
      const visitor = system.visitor();
      const { status, body, location } = await visitor.signIn(username, WRONG_PASSWORD);
      const page = body.replaceAll(username, '').replace(/name="csrf" value="[^"]+"/, '');
      answers.push(JSON.stringify([status, location, page, [...visitor.cookies.keys()]]));
    }
    assert.equal(new Set(answers).size, 1);
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
  });

  it('A15: begins one session, however often it is finished at once', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await waiting(started);
    const csrf = await ada.token(step.path);
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const submit = () => system.visitor().post(step.path, { csrf }, { cookie });
    const answers = await Promise.all(Array.from({ length: 16 }, submit));
    const locations = answers.map(({ location }) => location).toSorted();
    assert.deepEqual(locations, ['/dashboard', ...Array.from({ length: 15 }, () => '/login')]);
    assert.equal((await rowsOf(system, 'sessions')).length, 1);
  });

  it('A11: is for nothing once the password was changed', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    const ada = await waiting(started);
    const csrf = await ada.token(step.path);
    step.blocked.clear();
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    await elsewhere.submit('/account/password', { 'new-password': 'four grey herons on a pier' });
    step.blocked.add(id);
    assert.equal((await ada.get(step.path)).location, '/login');
    assert.equal((await ada.post(step.path, { csrf })).location, '/login');
    assert.deepEqual([await isSignedIn(ada), await isSignedIn(elsewhere)], [false, true]);
  });

  it('A12: is for nothing once the account was disabled, also when it is enabled again', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    const { lifecycle, database } = system.system.core;
    const ada = await waiting(started);
    const csrf = await ada.token(step.path);
    const [row] = await rowsOf(system, 'pending_sign_ins');
    assert.ok(row !== undefined && 'facts' in row);
    await lifecycle.disable(id, { now: system.clock.read() });
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
    // What an INSERT leaves that looked at the account before it was disabled, and was done afterwards.
    await database.queries.insertInto('pending_sign_ins').values(row).execute();
    assert.equal((await ada.get(step.path)).location, '/login');
    await lifecycle.enable(id);
    assert.equal((await ada.post(step.path, { csrf })).location, '/login');
    assert.equal(await isSignedIn(ada), false);
  });

  it('A12: is for nobody who is disabled, and goes with the account', async () => {
    await using started = await startWithStep(engine);
    const { system, id } = started;
    const { lifecycle } = system.system.core;
    await lifecycle.disable(id, { now: system.clock.read() });
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
    await lifecycle.enable(id);
    await waiting(started);
    await lifecycle.delete(id, { now: system.clock.read() });
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
  });

  it('keeps an account that was to be deleted once it is done, and no sooner', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    const { lifecycle, accounts } = system.system.core;
    await lifecycle.requestDeletion(id, system.clock.read() + DAY, { now: system.clock.read() });
    const ada = await waiting(started);
    assert.notEqual((await accounts.read(id))?.deleteAt, null);
    await ada.submit(step.path, {});
    assert.deepEqual([(await accounts.read(id))?.deleteAt, await isSignedIn(ada)], [null, true]);
  });
});

onEveryDatabase('a sign-in that waits', (engine) => {
  it('A59: ends ten minutes after the password was given, to the second', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    for (const [more, expected] of [
      [-SECOND, '/dashboard'],
      [0, '/login'],
    ] as const) {
      step.blocked.add(started.id);
      const ada = await waiting(started);
      const csrf = await ada.token(step.path);
      system.clock.advance(5 * MINUTE);
      await ada.post(step.path, { csrf, undone: 'yes' });
      const again = await ada.token(step.path);
      system.clock.advance(5 * MINUTE + more);
      assert.equal(
        (await ada.post(step.path, { csrf: again })).location,
        expected,
        'waiting anew adds nothing',
      );
    }
  });

  it('A59: lives no longer when the clock steps back, and is deleted in the end', async () => {
    await using started = await startWithStep(engine);
    const { system } = started;
    await waiting(started);
    system.clock.advance(-HOUR);
    await waiting(started);
    system.clock.advance(10 * MINUTE - 1);
    await system.system.storage.deleteExpired();
    assert.equal((await rowsOf(system, 'pending_sign_ins')).length, 2);
    system.clock.advance(1);
    await system.system.storage.deleteExpired();
    assert.equal((await rowsOf(system, 'pending_sign_ins')).length, 1);
    system.clock.advance(HOUR + MINUTE);
    await system.system.storage.deleteExpired();
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
  });

  it('gives way to a new sign-in on the same browser, of whoever that is', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await waiting(started);
    const first = String(ada.cookies.get(PENDING));
    await ada.signIn(ADA.username, ADA.password);
    const second = String(ada.cookies.get(PENDING));
    assert.notEqual(second, first);
    assert.equal((await ada.signIn(BEN.username, BEN.password)).location, '/dashboard');
    assert.equal(ada.cookies.has(PENDING), false);
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
    for (const token of [first, second]) {
      ada.cookies.set(PENDING, token);
      assert.equal((await ada.get(step.path)).location, '/login');
    }
  });

  it('A09: ends the session that the browser had', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const visitor = system.visitor();
    await visitor.signIn(BEN.username, BEN.password);
    const token = String(visitor.cookies.get(SESSION));
    const answer = await visitor.post('/login', { csrf: await visitor.token('/dashboard'), ...ADA });
    assert.equal(answer.location, step.path);
    assert.equal(visitor.cookies.has(SESSION), false);
    visitor.cookies.set(SESSION, token);
    assert.equal(await isSignedIn(visitor), false);
    assert.equal((await rowsOf(system, 'sessions')).length, 0);
  });

  it('is left by its button, and then is over', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await waiting(started);
    const token = String(ada.cookies.get(PENDING));
    const csrf = await ada.token(step.path);
    assert.equal((await ada.post('/login/cancel', { csrf: 'forged' })).status, 403);
    assert.equal((await ada.post('/login/cancel', { csrf })).location, '/login');
    assert.equal(ada.cookies.has(PENDING), false);
    ada.cookies.set(PENDING, token);
    assert.equal((await ada.get(step.path)).location, '/login');
    assert.deepEqual(await rowsOf(system, 'pending_sign_ins'), []);
  });
});
