import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/core/clock.ts';
import { createHasher } from '../../src/features/passwords/index.ts';
import { onEveryDatabase } from '../support/databases.ts';
import { ADA, BEN, WRONG_PASSWORD } from '../support/people.ts';
import { working } from '../support/resets.ts';
import { startSystem, type TestSystem } from '../support/system.ts';
import type { Answer, Visitor } from '../support/visitor.ts';

const SESSION = 'latchkey';
const PAGE = '/account/password';
const NEW_PASSWORD = 'four grey herons on a pier';

async function signedIn(system: TestSystem, person: { username: string; password: string } = ADA) {
  const visitor = system.visitor();
  await visitor.signIn(person.username, person.password);
  return visitor;
}

async function registered(system: TestSystem): Promise<Visitor> {
  await system.visitor().register(ADA.username, ADA.password);
  await system.visitor().register(BEN.username, BEN.password);
  return signedIn(system);
}

function change(visitor: Visitor, next = NEW_PASSWORD, current?: string): Promise<Answer> {
  return visitor.submit(PAGE, {
    'new-password': next,
    ...(current !== undefined && { 'current-password': current }),
  });
}

async function statusWith(system: TestSystem, token: string): Promise<number> {
  const replayed = system.visitor();
  replayed.cookies.set(SESSION, token);
  return (await replayed.get('/api/session')).status;
}

async function storedHashes({ system }: TestSystem): Promise<readonly string[]> {
  const { queries } = system.core.database;
  const rows = await queries.selectFrom('passwords').select('hash').orderBy('account_id').execute();
  return rows.map(({ hash }) => hash);
}

onEveryDatabase('a change of password', (engine) => {
  it('A11: ends every other session, and gives the one that it was made in another token', async () => {
    await using system = await startSystem({}, engine);
    const here = await registered(system);
    const elsewhere = await signedIn(system);
    const remembered = system.visitor();
    await remembered.submit('/login', { ...ADA, remember: 'on' });
    const ben = await signedIn(system, BEN);
    const old = String(here.cookies.get(SESSION));
    const answer = await change(here);
    assert.deepEqual([answer.status, answer.location], [303, '/account']);
    assert.match((await here.get('/account')).body, /class="flash success"[^>]*>Your password was changed/);
    for (const browser of [elsewhere, remembered])
      assert.equal((await browser.get('/api/session')).status, 401);
    assert.notEqual(here.cookies.get(SESSION), old);
    assert.equal(await statusWith(system, old), 401);
    assert.equal((await here.get('/api/session')).status, 200);
    assert.equal((await ben.get('/api/session')).status, 200, 'nobody else is signed out');
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
    const told = system.events.flatMap((event) => (event.type === 'password-changed' ? [event] : []));
    const id = await system.system.core.accounts.find(ADA.username);
    assert.deepEqual(
      told.map(({ accountId }) => accountId),
      [id],
    );
  });

  it('A11: lets nobody stay whose sign-in with the old password was under way', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const late = system.visitor();
    const { reached, release } = system.hasher.holdVerifications();
    const signingIn = late.signIn(ADA.username, ADA.password);
    await reached;
    assert.equal((await change(ada)).status, 303);
    release();
    const answer = await signingIn;
    assert.equal(answer.status, 401);
    assert.match(answer.body, /Invalid username or password/);
    assert.equal(late.cookies.has(SESSION), false);
    assert.equal(
      (await system.system.core.database.queries.selectFrom('sessions').select('id').execute()).length,
      1,
    );
    const refused = system.events.flatMap((event) =>
      event.type === 'sign-in-refused' ? [event.reason] : [],
    );
    assert.deepEqual(refused, ['credential-changed']);
  });

  it('A11: leaves nobody in who signed in with the old password at that moment', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const csrf = await ada.token(PAGE);
    const others = Array.from({ length: 16 }, system.visitor);
    const attempts = others.map((other) => other.signIn(ADA.username, ADA.password));
    await Promise.all([ada.post(PAGE, { csrf, 'new-password': NEW_PASSWORD }), ...attempts]);
    for (const other of others) assert.equal((await other.get('/api/session')).status, 401);
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('A15: is won by one of sixteen who know the old password, each on a device of their own', async () => {
    await using system = await startSystem({}, engine);
    await registered(system);
    const browsers = await Promise.all(Array.from({ length: 16 }, () => signedIn(system)));
    system.clock.advance(11 * MINUTE);
    const passwords = browsers.map((_, number) => `grey herons on pier no. ${number}!`);
    const tokens = await Promise.all(browsers.map((browser) => browser.token(PAGE)));
    const answers = await Promise.all(
      browsers.map((browser, number) =>
        browser.post(PAGE, {
          csrf: String(tokens[number]),
          'current-password': ADA.password,
          'new-password': String(passwords[number]),
        }),
      ),
    );
    const winners = answers.flatMap(({ location }, number) => (location === '/account' ? [number] : []));
    assert.equal(winners.length, 1);
    const kept = winners.map((number) => passwords[number]);
    assert.deepEqual(await working(system, [ADA.password, ...passwords]), kept);
    const alive = await Promise.all(browsers.map((browser) => browser.get('/api/session')));
    assert.equal(alive.filter(({ status }) => status === 200).length, 1);
  });

  it('A15: is won by one of sixteen in a session that need not give the old one', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    system.clock.advance(MINUTE);
    const csrf = await ada.token(PAGE);
    const passwords = Array.from({ length: 16 }, (_, number) => `grey herons on pier no. ${number}!`);
    const answers = await Promise.all(
      passwords.map((password) => ada.post(PAGE, { csrf, 'new-password': password })),
    );
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1);
    assert.equal((await working(system, passwords)).length, 1);
  });

  it('A38: asks for the password again in a session that is no longer fresh, and changes nothing without', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    assert.doesNotMatch((await ada.get(PAGE)).body, /current-password/);
    system.clock.advance(10 * MINUTE);
    const before = await storedHashes(system);
    assert.match((await ada.get(PAGE)).body, /<input id="current-password"/);
    const without = await change(ada);
    assert.equal(without.status, 422);
    assert.match(without.body, /id="current-password-problem">Enter your current password/);
    for (const wrong of [WRONG_PASSWORD, BEN.password, ADA.password.toUpperCase(), 'x'.repeat(2_000)]) {
      const answer = await change(ada, NEW_PASSWORD, wrong);
      assert.equal(answer.status, 401, wrong);
      assert.match(answer.body, /role="alert">Your current password is not right/);
      assert.ok(!answer.body.includes(NEW_PASSWORD) && !answer.body.includes(wrong), 'no password is shown');
    }
    assert.deepEqual(await storedHashes(system), before);
    const refused = system.events.filter(({ type }) => type === 'identity-not-confirmed');
    assert.equal(refused.length, 4);
    assert.equal((await change(ada, NEW_PASSWORD, ADA.password)).location, '/account');
    assert.doesNotMatch((await ada.get(PAGE)).body, /current-password/, 'it has just been given');
  });

  it('A38: takes no proof from before the password that stands today', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const soon = system.clock.read() + MINUTE;
    const { queries } = system.system.core.database;
    await queries.updateTable('passwords').set({ changed_at: soon }).execute();
    assert.equal((await change(ada)).status, 422);
    assert.equal((await change(ada, NEW_PASSWORD, ADA.password)).status, 303);
  });

  it('A38: refuses a wrong current password in a fresh session, too', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const before = await storedHashes(system);
    assert.equal((await change(ada, NEW_PASSWORD, BEN.password)).status, 401);
    assert.deepEqual(await storedHashes(system), before);
  });

  it('A17: is about whoever is signed in, whatever other fields say', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const ben = String(await system.system.core.accounts.find(BEN.username));
    const answer = await ada.submit(PAGE, {
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

  it('asks as much of the new password as registration does, in words beside the field', async () => {
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
      const answer = await change(ada, password);
      assert.equal(answer.status, 422, password);
      assert.match(/id="new-password-problem">([^<]*)/.exec(answer.body)?.[1] ?? '', words, password);
    }
    assert.deepEqual(await storedHashes(system), before);
  });

  it('succeeds also where the proof of the old password makes its hash anew', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const { queries } = system.system.core.database;
    const weak = createHasher({ memoryKibibytes: 64, passes: 1, lanes: 1 });
    const hash = await weak.hash(ADA.password);
    await weak.close();
    await queries.updateTable('passwords').set({ hash }).execute();
    assert.equal((await change(ada, NEW_PASSWORD, ADA.password)).status, 303);
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('stands although the session ends at that moment, and does not bring it back', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const csrf = await ada.token(PAGE);
    const { hasher } = system;
    const { reached, release } = hasher.holdVerifications();
    const changing = ada.post(PAGE, {
      csrf,
      'current-password': ADA.password,
      'new-password': NEW_PASSWORD,
    });
    await reached;
    const id = String(await system.system.core.accounts.find(ADA.username));
    await system.system.core.lifecycle.signOut(id);
    release();
    assert.equal((await changing).location, '/login');
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).status, 303);
  });

  it('A58: is not made where the token of before cannot be replaced', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const before = await storedHashes(system);
    const token = String(ada.cookies.get(SESSION));
    const csrf = await ada.token(PAGE);
    Object.assign(system.system.core.sessions, {
      renew: async () => {
        throw new Error('the token could not be replaced');
      },
    });
    assert.equal((await ada.post(PAGE, { csrf, 'new-password': NEW_PASSWORD })).status, 500);
    assert.deepEqual(await storedHashes(system), before);
    assert.equal(await statusWith(system, token), 200);
  });

  it('is found by password managers, and needs somebody who is signed in', async () => {
    await using system = await startSystem({}, engine);
    const nobody = system.visitor();
    const known = await nobody.get('/.well-known/change-password');
    assert.deepEqual([known.status, known.location], [303, PAGE]);
    assert.equal((await nobody.get(PAGE)).location, '/login?next=%2Faccount%2Fpassword');
    assert.equal((await nobody.post(PAGE, { 'new-password': NEW_PASSWORD })).location, '/login');
    const ada = await registered(system);
    system.clock.advance(8 * DAY);
    assert.equal((await ada.get(PAGE)).location, '/login?next=%2Faccount%2Fpassword');
  });
});
