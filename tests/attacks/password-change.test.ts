import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { acceptedPasswords } from '../kit/mailed-links.ts';
import { accountIdOf, existingAccountId, reachInside, startSystem, storedHashes } from '../kit/system.ts';
import {
  ADA,
  BEN,
  changePassword,
  NEW_PASSWORD,
  PASSWORD_PAGE,
  presentToken,
  SESSION,
  signInAda,
  signInAs,
  WRONG_PASSWORD,
} from '../kit/visitor.ts';

onEveryDatabase('a change of password', (engine) => {
  it('A11: ends every other session, and replaces the token of the session that made it', async () => {
    await using system = await startSystem({}, engine);
    const here = await signInAda(system);
    const elsewhere = await signInAs(system.visitor());
    const remembered = system.visitor();
    await remembered.submit('/login', { ...ADA, remember: 'on' });
    const ben = await signInAs(system.visitor(), BEN);
    const old = String(here.cookies.get(SESSION));
    const answer = await changePassword(here);
    assert.deepEqual([answer.status, answer.location], [303, '/account']);
    assert.match((await here.get('/account')).body, /class="flash success"[^>]*>Your password was changed/);
    for (const browser of [elsewhere, remembered])
      assert.equal((await browser.get('/api/session')).status, 401);
    assert.notEqual(here.cookies.get(SESSION), old);
    assert.equal((await presentToken(system, old)).status, 401);
    assert.equal((await here.get('/api/session')).status, 200);
    assert.equal((await ben.get('/api/session')).status, 200, 'nobody else is signed out');
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
    const reported = system.events.flatMap((event) => (event.type === 'password-changed' ? [event] : []));
    const id = await accountIdOf(system, ADA.username);
    assert.deepEqual(
      reported.map(({ accountId }) => accountId),
      [id],
    );
  });

  it('refuses the current password as the new one, whether the form asked for it or not', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const before = await storedHashes(system);
    const reported = /id="new-password-problem">This is the password that you have now/;
    const fresh = await changePassword(ada, ADA.password);
    assert.equal(fresh.status, 422);
    assert.match(fresh.body, reported);
    system.clock.advance(10 * MINUTE);
    const asked = await changePassword(ada, ADA.password, ADA.password);
    assert.equal(asked.status, 422);
    assert.match(asked.body, reported);
    const guessed = await changePassword(ada, WRONG_PASSWORD, WRONG_PASSWORD);
    assert.equal(guessed.status, 401, 'a wrong one is not called the current one');
    assert.deepEqual(await storedHashes(system), before);
    assert.equal(system.events.filter(({ type }) => type === 'password-changed').length, 0);
    assert.equal((await changePassword(ada, NEW_PASSWORD, ADA.password)).location, '/account');
  });

  it('A07 counts no failed attempt when it checks whether the new password is the current one', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const { reached, release } = system.hasher.holdVerifications();
    const changing = changePassword(ada, NEW_PASSWORD);
    await reached;
    const exported = JSON.parse((await ada.get('/account/export')).body);
    release();
    assert.equal(exported.password.consecutiveFailures, 0);
    assert.equal((await changing).location, '/account');
  });

  it('A38: requires the current password in a session that is no longer fresh', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    assert.doesNotMatch((await ada.get(PASSWORD_PAGE)).body, /current-password/);
    system.clock.advance(10 * MINUTE);
    const before = await storedHashes(system);
    assert.match((await ada.get(PASSWORD_PAGE)).body, /<input id="current-password"/);
    const without = await changePassword(ada);
    assert.equal(without.status, 422);
    assert.match(without.body, /id="current-password-problem">Enter your current password/);
    for (const wrong of [WRONG_PASSWORD, BEN.password, ADA.password.toUpperCase(), 'x'.repeat(2_000)]) {
      const answer = await changePassword(ada, NEW_PASSWORD, wrong);
      assert.equal(answer.status, 401, wrong);
      assert.match(answer.body, /role="alert">Your current password is not right/);
      assert.ok(!answer.body.includes(NEW_PASSWORD) && !answer.body.includes(wrong), 'no password is shown');
    }
    assert.deepEqual(await storedHashes(system), before);
    const refused = system.events.filter(({ type }) => type === 'identity-not-confirmed');
    assert.equal(refused.length, 4);
    assert.equal((await changePassword(ada, NEW_PASSWORD, ADA.password)).location, '/account');
    assert.doesNotMatch((await ada.get(PASSWORD_PAGE)).body, /current-password/, 'it has just been given');
  });

  it('A38: rejects a proof of identity that is older than the current password', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const soon = system.clock.read() + MINUTE;
    const { queries } = reachInside(system, 'only a race makes a proof older than the password').core
      .database;
    await queries.updateTable('passwords').set({ changed_at: soon }).execute();
    assert.equal((await changePassword(ada)).status, 422);
    assert.equal((await changePassword(ada, NEW_PASSWORD, ADA.password)).status, 303);
  });

  it('A38: rejects a wrong current password even in a fresh session', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const before = await storedHashes(system);
    assert.equal((await changePassword(ada, NEW_PASSWORD, BEN.password)).status, 401);
    assert.deepEqual(await storedHashes(system), before);
  });

  it('A17: applies to the signed-in user, whatever account other fields name', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const ben = await existingAccountId(system, BEN.username);
    const answer = await ada.submit(PASSWORD_PAGE, {
      'new-password': NEW_PASSWORD,
      id: ben,
      account_id: ben,
      username: BEN.username,
      emailVerified: 'true',
      disabled_at: '1',
    });
    assert.equal(answer.status, 303);
    assert.equal((await system.visitor().signIn(BEN.username, BEN.password)).status, 303);
    assert.equal((await system.visitor().signIn(BEN.username, NEW_PASSWORD)).status, 401);
    const { user } = JSON.parse((await ada.get('/api/session')).body);
    assert.deepEqual([user.username, user.emailVerified], [ADA.username, false]);
  });

  it('applies the password policy of registration, and shows the problem beside the field', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register('Wolfeschlegelstein', ADA.password, 'long.address.of.ada@example.org');
    await ada.signIn('Wolfeschlegelstein', ADA.password);
    const before = await storedHashes(system);
    for (const [password, words] of [
      ['', /Choose a password/],
      ['short', /That has 5 characters; use at least 15/],
      ['passwordpassword', /./],
      ['Wolfeschlegelstein', /little more than/],
      ['long.address.of.ada@example.org', /little more than/],
      ['abcabcabcabcabcabc', /repeats one short piece/],
    ] as const) {
      const answer = await changePassword(ada, password);
      assert.equal(answer.status, 422, password);
      assert.match(/id="new-password-problem">([^<]*)/.exec(answer.body)?.[1] ?? '', words, password);
    }
    assert.deepEqual(await storedHashes(system), before);
  });

  it('is found by password managers at /.well-known/change-password, and requires a signed-in user', async () => {
    await using system = await startSystem({}, engine);
    const visitor = system.visitor();
    const known = await visitor.get('/.well-known/change-password');
    assert.deepEqual([known.status, known.location], [303, PASSWORD_PAGE]);
    assert.equal((await visitor.get(PASSWORD_PAGE)).location, '/login?next=%2Faccount%2Fpassword');
    assert.equal((await visitor.post(PASSWORD_PAGE, { 'new-password': NEW_PASSWORD })).location, '/login');
    const ada = await signInAda(system);
    system.clock.advance(8 * DAY);
    assert.equal((await ada.get(PASSWORD_PAGE)).location, '/login?next=%2Faccount%2Fpassword');
  });
});
