import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { rowsIn, signInUpToStep, startWithStep } from '../kit/sign-in-steps.ts';
import { deleteExpired, disableAccount, reachInside } from '../kit/system.ts';
import { ADA, isSignedIn } from '../kit/visitor.ts';

onEveryDatabase('a required step of a sign-in', (engine) => {
  it('A15: begins one session when it is finished sixteen times at once', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await signInUpToStep(started);
    const forms: string[] = [];
    for (let times = 0; times < 16; times += 1) forms.push(await ada.token(step.path));
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const submit = (csrf: string) => system.visitor().post(step.path, { csrf }, { cookie });
    const answers = await Promise.all(forms.map(submit));
    const locations = answers.map(({ location }) => location).toSorted();
    assert.deepEqual(locations, ['/dashboard', ...Array.from({ length: 15 }, () => '/login')]);
    assert.equal((await rowsIn(system, 'sessions')).length, 1);
  });

  it('A12: leads to no session once the account was disabled, even when it is enabled again', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    const { lifecycle, database } = reachInside(system, 'a row that a late insert leaves').core;
    const ada = await signInUpToStep(started);
    const csrf = await ada.token(step.path);
    const [row] = await rowsIn(system, 'pending_sign_ins');
    assert.ok(row !== undefined && 'facts' in row);
    await disableAccount(system, ADA.username);
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
    // The result of an INSERT that read the account before it was disabled, and ran afterwards.
    await database.queries.insertInto('pending_sign_ins').values(row).execute();
    assert.equal((await ada.get(step.path)).location, '/login');
    await lifecycle.enable(id);
    assert.equal((await ada.post(step.path, { csrf })).location, '/login');
    assert.equal(await isSignedIn(ada), false);
  });

  it('A12: is not reached for a disabled account, and is deleted with the account', async () => {
    await using started = await startWithStep(engine);
    const { system, id } = started;
    const { lifecycle } = reachInside(system, 'operators enable and delete accounts, and have no pages').core;
    await disableAccount(system, ADA.username);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
    await lifecycle.enable(id);
    await signInUpToStep(started);
    await lifecycle.delete(id, { now: system.clock.read() });
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
  });

  it('cancels the deletion of the account once it is done, and no sooner', async () => {
    await using started = await startWithStep(engine);
    const { system, step, id } = started;
    const { lifecycle, accounts } = reachInside(
      system,
      'the step keeps the pages of the account closed',
    ).core;
    await lifecycle.requestDeletion(id, system.clock.read() + DAY, { now: system.clock.read() });
    const ada = await signInUpToStep(started);
    assert.notEqual((await accounts.read(id))?.deleteAt, null);
    await ada.submit(step.path, {});
    assert.deepEqual([(await accounts.read(id))?.deleteAt, await isSignedIn(ada)], [null, true]);
  });
});

onEveryDatabase('a pending sign-in', (engine) => {
  it('A59 I26 stays expired when the clock steps back after it was seen expired', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const ada = await signInUpToStep(started);
    const cookies = new Map(ada.cookies);
    system.clock.advance(10 * MINUTE);
    assert.equal((await ada.get(step.path)).location, '/login');
    system.clock.advance(-5 * MINUTE);
    for (const [name, value] of cookies) ada.cookies.set(name, value);
    assert.equal((await ada.get(step.path)).location, '/login');
  });

  it('A59: does not live longer when the clock steps back, and is deleted in the end', async () => {
    await using started = await startWithStep(engine);
    const { system } = started;
    await signInUpToStep(started);
    system.clock.advance(-HOUR);
    await signInUpToStep(started);
    system.clock.advance(10 * MINUTE - 1);
    await deleteExpired(system);
    assert.equal((await rowsIn(system, 'pending_sign_ins')).length, 2);
    system.clock.advance(1);
    await deleteExpired(system);
    assert.equal((await rowsIn(system, 'pending_sign_ins')).length, 1);
    system.clock.advance(HOUR + MINUTE);
    await deleteExpired(system);
    assert.deepEqual(await rowsIn(system, 'pending_sign_ins'), []);
  });
});
