import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { rowsIn, signInUpToStep, startWithStep } from '../kit/sign-in-steps.ts';
import { reachInside } from '../kit/system.ts';
import {
  ADA,
  BEN,
  changePassword,
  isSignedIn,
  newestFlow,
  plantFlow,
  SESSION,
  signInAs,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

onEveryDatabase('a required step of a sign-in', (engine) => {
  it('A37: comes before the session, and then redirects to the requested page', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = system.visitor();
    const fields = { username: ADA.username, password: ADA.password, remember: 'on', next: '/account?a=b' };
    const answer = await ada.submit('/login', fields);
    assert.deepEqual([answer.status, answer.location], [303, step.path]);
    assert.deepEqual([ada.cookies.has(SESSION), await isSignedIn(ada)], [false, false]);
    assert.deepEqual(await rowsIn(system, 'sessions'), []);
    assert.match((await ada.get(step.path)).body, /Ada/);

    const done = await ada.submit(step.path, {});
    assert.deepEqual([done.status, done.location], [303, '/account?a=b']);
    assert.match(String(done.headers.getSetCookie()), /latchkey=[^;]+; Max-Age=2592000/, 'remembered');
    assert.deepEqual([await isSignedIn(ada), newestFlow(ada, 'pending') !== undefined], [true, false]);
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
    assert.deepEqual(
      system.events.flatMap(({ type }) => (type.startsWith('sign') ? [type] : [])),
      ['sign-in-waits', 'signed-in'],
    );
  });

  it('A37: is required again until it is done, and cannot be skipped', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await signInUpToStep(started);
    const before = newestFlow(ada, 'pending');
    const answer = await ada.submit(step.path, { undone: 'yes' });
    assert.equal(answer.location, step.path, 'it still stands in the way');
    assert.notEqual(newestFlow(ada, 'pending'), before);
    assert.equal(await isSignedIn(ada), false);
    const copy = system.visitor();
    plantFlow(copy, 'pending', String(before));
    assert.equal((await copy.get(step.path)).location, '/login', 'the token of before is dead');
  });

  it('A01: is revealed only after the right password', async () => {
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
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
  });

  it('A11: is not reached when the password changes while it is being checked', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    step.blocked.clear();
    const elsewhere = await signInAs(system.visitor());
    step.blocked.add(id);
    const { reached, release } = system.hasher.holdVerifications();
    const signingIn = system.visitor().signIn(ADA.username, ADA.password);
    await reached;
    assert.equal((await changePassword(elsewhere)).location, '/account');
    release();
    assert.equal((await signingIn).status, 401);
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
  });

  it('A11: cannot be completed once the password was changed', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    const ada = await signInUpToStep(started);
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
});

onEveryDatabase('a pending sign-in', (engine) => {
  it('A59: expires ten minutes after the password was given, to the second', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    for (const [more, expected] of [
      [-SECOND, '/dashboard'],
      [0, '/login'],
    ] as const) {
      step.blocked.add(started.id);
      const ada = await signInUpToStep(started);
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

  it('A61 K1 exists beside others in one browser, and each form continues the one that it was rendered for', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const { accounts } = reachInside(system, 'the step is told whom it stands in the way of').core;
    step.blocked.add(String(await accounts.find(BEN.username)));
    const browser = await signInUpToStep(started);
    const forAda = await browser.token(step.path);
    const visitorCookie = String(browser.cookies.get('latchkey-visitor'));
    const fields = { ...BEN, csrf: await browser.token('/login') };
    assert.equal((await browser.post('/login', fields)).location, step.path);
    assert.match((await browser.get(step.path)).body, /Ben/, 'the newest, where the address names none');
    assert.equal((await rowsIn(system, 'pending_sign_ins')).length, 2);
    browser.cookies.set('latchkey-visitor', visitorCookie);
    const answer = await browser.post(step.path, { csrf: forAda });
    assert.deepEqual([answer.status, answer.location], [303, '/dashboard']);
    assert.equal(JSON.parse((await browser.get('/api/session')).body).user.username, ADA.username);
    assert.equal((await rowsIn(system, 'pending_sign_ins')).length, 1, 'that of Ben still waits');
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
    assert.equal((await rowsIn(system, 'sessions')).length, 0);
  });

  it('is cancelled by its button, and cannot be continued after that', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await signInUpToStep(started);
    const token = String(newestFlow(ada, 'pending'));
    const csrf = await ada.token(step.path);
    assert.equal((await ada.post('/login/cancel', { csrf: 'forged' })).status, 403);
    assert.equal((await ada.post('/login/cancel', { csrf })).location, '/login');
    assert.equal(newestFlow(ada, 'pending') !== undefined, false);
    plantFlow(ada, 'pending', token);
    assert.equal((await ada.get(step.path)).location, '/login');
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
  });
});
