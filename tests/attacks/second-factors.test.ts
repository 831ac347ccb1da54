import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { paths } from '../../src/auth/paths.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { idToBytes, newId } from '../../src/platform/text/index.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  RESET,
  registerAda,
  requestResetPath,
} from '../kit/mailed-links.ts';
import { recorded, runCommandsOn } from '../kit/processes.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_STEP,
  authenticatorOf,
  codesIn,
  enterFactorCode,
  FACTOR_STEP,
  nextCode,
  offeredSecret,
  RECOVERY_CODES,
  RECOVERY_STEP,
  registerWithAuthenticator,
  SECURITY,
  setUpAuthenticator,
  setupIn,
} from '../kit/second-factors.ts';
import {
  accountIdOf,
  eventsOf,
  existingAccountId,
  reachInside,
  startSystem,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import {
  ADA,
  accountOf,
  changePassword,
  isSignedIn,
  NEW_PASSWORD,
  newAddress,
  reasonsOf,
  signInAs,
  type Visitor,
} from '../kit/visitor.ts';

const DELETION = '/account/delete';

/** Ada with a confirmed address and an authenticator app. */
async function startWithApp(engine?: Engine) {
  const system = await startSystem({ email: 'required' }, engine);
  const visitor = await registerAda(system);
  await openAndConfirm(visitor, (await newestConfirmation(system)).path);
  await signInAs(visitor);
  const app = await setUpAuthenticator(system, visitor);
  return { system, visitor, app, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

/** A browser, perhaps at a new address, that has given the password and waits for the factor. */
async function upToFactor(system: TestSystem, visitor: Visitor = system.visitor()): Promise<Visitor> {
  const answer = await visitor.signIn(ADA.username, ADA.password);
  assert.deepEqual([answer.status, answer.location], [303, FACTOR_STEP]);
  return visitor;
}

const confirmWith = (visitor: Visitor, fields: object) => visitor.postJson('/api/account/confirm', fields);

const isFresh = async (visitor: Visitor) => (await visitor.get(DELETION)).status === 200;

describe('an authenticator app', () => {
  it('is set up once a code of it was entered, and shows the secret as a picture, as text and as a link', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const page = await ada.get(AUTHENTICATOR);
    assert.match(page.body, /<svg class="qr" viewBox="0 0 (\d+) \1" role="img" aria-label="[^"]+"/);
    assert.doesNotMatch(page.body, / style=/);
    const uri = /href="(otpauth:[^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    assert.equal(new URL(uri).searchParams.get('secret'), offeredSecret(page).replaceAll(' ', ''));
    const setup = setupIn(page);
    const app = authenticatorOf(system, offeredSecret(page), []);
    const wrong = await ada.submit(AUTHENTICATOR, { setup, code: app.code(5) });
    assert.equal(wrong.status, 401);
    assert.equal(offeredSecret(wrong), offeredSecret(page), 'the app that has scanned it stays good');
    assert.equal((await ada.submit(AUTHENTICATOR, { setup, code: '' })).status, 422);
    assert.equal((await ada.submit('/logout', {})).location, '/login');
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard', 'nothing is set up');
  });

  it('is set up by API clients as well', async () => {
    await using system = await startSystem();
    const client = system.visitor();
    await client.register(ADA.username, ADA.password);
    await signInAs(client);
    const { secret, uri, setup } = JSON.parse((await client.postJson(`/api${AUTHENTICATOR}`, {})).body);
    assert.equal(new URL(uri).searchParams.get('secret'), secret);
    const app = authenticatorOf(system, secret, []);
    const added = await client.postJson(`/api${AUTHENTICATOR}`, { setup, code: app.code() });
    const { recoveryCodes } = JSON.parse(added.body);
    assert.equal(recoveryCodes.length, 10);
    const again = await client.postJson(`/api${AUTHENTICATOR}`, { setup, code: app.code(1) });
    assert.deepEqual(reasonsOf(again), ['set-up-already']);
    const { flow } = JSON.parse((await system.visitor().postJson('/api/login', ADA)).body);
    assert.equal(typeof flow, 'string');
    assert.equal((await client.postJson(`/api${AUTHENTICATOR}`, { remove: true })).status, 200);
    assert.deepEqual(reasonsOf(await client.postJson(`/api${AUTHENTICATOR}`, { remove: true })), [
      'not-set-up',
    ]);
  });

  it('A13 is not set up by the form of another session, or by one that is half an hour old', async () => {
    await using system = await startSystem({ sessionFresh: '1d' });
    const [ada, other] = [system.visitor(), system.visitor()];
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    await signInAs(other);
    const page = await other.get(AUTHENTICATOR);
    const app = authenticatorOf(system, offeredSecret(page), []);
    const refused = await ada.submit(AUTHENTICATOR, { setup: setupIn(page), code: app.code() });
    assert.equal(refused.location, AUTHENTICATOR);
    for (const setup of ['AAAA', setupIn(page).slice(1)]) {
      const answer = await ada.postJson(`/api${AUTHENTICATOR}`, { setup, code: app.code() });
      assert.deepEqual(reasonsOf(answer), ['setup-expired']);
    }
    system.clock.advance(30 * MINUTE);
    const late = await other.submit(AUTHENTICATOR, { setup: setupIn(page), code: app.code() });
    assert.equal(late.location, AUTHENTICATOR);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
  });

  it('A11 V7.4.3 ends the sessions that have shown one factor, when it is set up and when it is removed', async () => {
    await using system = await startSystem();
    const [ada, other] = [system.visitor(), system.visitor()];
    await ada.register(ADA.username, ADA.password);
    await signInAs(other);
    await signInAs(ada);
    const app = await setUpAuthenticator(system, ada);
    assert.equal(await isSignedIn(other), false);
    await upToFactor(system, other);
    assert.equal((await enterFactorCode(other, app.code())).location, '/dashboard');
    const waiting = await upToFactor(system);
    assert.equal((await removeApp(ada)).location, SECURITY);
    assert.equal(await isSignedIn(other), false);
    assert.equal((await waiting.get(AUTHENTICATOR_STEP)).location, '/login', 'it waits no longer');
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.match((await ada.get(SECURITY)).body, /one factor/);
  });

  it('A20 is not added to an account whose address is unconfirmed', async () => {
    await using system = await startSystem({ email: 'optional' });
    const ada = await registerAda(system);
    await signInAs(ada);
    assert.equal((await ada.get(AUTHENTICATOR)).location, paths.confirmAddress);
    assert.deepEqual(reasonsOf(await ada.postJson(`/api${AUTHENTICATOR}`, {})), ['address-unconfirmed']);
  });

  it('A56 is sealed in the database, and the codes are hashed', async () => {
    await using started = await startWithApp();
    const { system, app } = started;
    const { queries } = reachInside(system, 'no page shows what is stored').core.database;
    const secrets = await queries.selectFrom('totp_secrets').selectAll().execute();
    const codes = await queries.selectFrom('recovery_codes').selectAll().execute();
    const text = JSON.stringify([secrets, codes], (_, value) =>
      value instanceof Uint8Array || value?.type === 'Buffer'
        ? Buffer.from(value.data ?? value).toString('latin1')
        : value,
    );
    assert.equal(codes.length, 10);
    for (const code of app.recoveryCodes) assert.ok(!text.includes(code.slice(0, 9)));
    assert.ok(secrets[0] !== undefined && secrets[0].sealed.length > 40);
  });
});

function removeApp(visitor: Visitor) {
  return visitor.submit(AUTHENTICATOR, { remove: 'on' });
}

onEveryDatabase('a code of an authenticator app', (engine) => {
  it('A35 V6.5.1 works once, and none of an earlier step after it: 1, 1, 2, 1', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    const [first, second] = [app.code(), app.code(1)];
    const enter = async (code: string) => (await enterFactorCode(await upToFactor(system), code)).status;
    assert.equal(await enter(first), 303);
    assert.equal(await enter(first), 401);
    assert.equal(await enter(second), 303);
    assert.equal(await enter(first), 401);
    assert.equal(await enter(second), 401);
  });

  it('A35 is used up for every sign-in and for fresh authentication, whichever had it first', async () => {
    await using started = await startWithApp(engine);
    const { system, visitor, app } = started;
    const code = app.code();
    const client = system.visitor();
    const { flow } = JSON.parse((await client.postJson('/api/login', ADA)).body);
    const entered = await client.postJson(`/api${AUTHENTICATOR_STEP}`, { flow, code });
    assert.equal(JSON.parse(entered.body).state, 'signed-in');
    const { password } = ADA;
    assert.deepEqual(reasonsOf(await confirmWith(visitor, { password, code })), ['code-refused']);
    assert.equal((await enterFactorCode(await upToFactor(system), code)).status, 401);
    nextCode(system);
    const next = app.code();
    assert.equal((await confirmWith(visitor, { password, code: next })).status, 200);
    assert.equal((await enterFactorCode(await upToFactor(system), next)).status, 401);
  });

  it('A35 that has set the app up signs no user in', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const page = await ada.get(AUTHENTICATOR);
    const app = authenticatorOf(system, offeredSecret(page), []);
    const code = app.code();
    assert.equal((await ada.submit(AUTHENTICATOR, { setup: setupIn(page), code })).location, RECOVERY_CODES);
    const waiting = await upToFactor(system);
    assert.equal((await enterFactorCode(waiting, code)).status, 401);
    assert.equal((await enterFactorCode(waiting, app.code(1))).location, '/dashboard');
  });

  it('A59 V6.5.8 is good for one step on either side', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    system.clock.advance(10 * MINUTE);
    for (const [steps, status] of [
      [2, 401],
      [-2, 401],
      [-1, 303],
      [1, 303],
    ] as const)
      assert.equal(
        (await enterFactorCode(await upToFactor(system), app.code(steps))).status,
        status,
        `${steps}`,
      );
  });

  it('A36 V6.3.1 is limited for the account and the factor, whatever sign-in, address or session tries, and a right password forgets nothing', async () => {
    await using started = await startWithApp(engine);
    const { system, visitor: owner, app } = started;
    const statuses: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      const attacker = await upToFactor(system, system.visitorFrom(newAddress()));
      statuses.push((await enterFactorCode(attacker, app.code(5))).status);
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429]);
    const attacker = await upToFactor(system, system.visitorFrom(newAddress()));
    assert.equal((await enterFactorCode(attacker, app.code())).status, 429, 'the right one, too');
    const { flow } = JSON.parse((await system.visitor().postJson('/api/login', ADA)).body);
    assert.equal(typeof flow, 'string');
    const [mail, ...others] = await mailsOf(system, 'second-factor-tried');
    assert.deepEqual([mail?.to, others], [ADDRESS, []]);
    // The browser of the owner is known, and has a budget of its own (A07).
    await owner.signOut();
    await upToFactor(system, owner);
    assert.equal((await enterFactorCode(owner, app.code())).location, '/dashboard');
    system.clock.advance(HOUR);
    assert.equal((await enterFactorCode(await upToFactor(system), app.code())).location, '/dashboard');
  });

  it('A36 is counted apart from recovery codes, and both are limited', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    const attacker = system.visitorFrom(newAddress());
    await upToFactor(system, attacker);
    const tried: number[] = [];
    for (let tries = 0; tries < 6; tries += 1)
      tried.push((await attacker.submit(RECOVERY_STEP, { code: '0123-4567-89AB-CDEF' })).status);
    assert.deepEqual(tried, [401, 401, 401, 401, 401, 429]);
    assert.equal((await enterFactorCode(attacker, app.code())).location, '/dashboard');
  });

  it('A36 stops working after a hundred wrong ones in a row (NIST SP 800-63B-4 §3.2.2), and a recovery code still helps', async () => {
    await using started = await startWithApp(engine);
    const { system, visitor: owner, app } = started;
    const { queries } = reachInside(system, 'ninety wrong codes take days').core.database;
    await queries.updateTable('totp_secrets').set({ consecutive_failures: 89 }).execute();
    const attacker = await upToFactor(system);
    assert.equal((await enterFactorCode(attacker, app.code(5))).status, 401);
    assert.equal((await enterFactorCode(attacker, app.code())).status, 401, 'unknown browsers had ninety');
    assert.match((await owner.get(SECURITY)).body, /Too many wrong codes/);
    const [code = ''] = app.recoveryCodes;
    assert.equal((await attacker.submit(RECOVERY_STEP, { code })).location, SECURITY);
    await owner.signOut();
    await upToFactor(system, owner);
    assert.equal(
      (await enterFactorCode(owner, app.code())).location,
      '/dashboard',
      'ten are left to known ones',
    );
    assert.equal((await enterFactorCode(await upToFactor(system), app.code(1))).location, '/dashboard');
  });
});

describe('a pending sign-in that requires a second factor', () => {
  it('A37 is no session, and no page of its steps completes it without a factor', async () => {
    await using started = await startWithApp();
    const { system } = started;
    const waiting = await upToFactor(system);
    assert.equal(await isSignedIn(waiting), false);
    for (const path of [SECURITY, AUTHENTICATOR, RECOVERY_CODES, DELETION])
      assert.match(String((await waiting.get(path)).location), /^\/login/);
    const list = await waiting.get(FACTOR_STEP);
    assert.match(String(list.location), /^\/login\/authenticator\?flow=[\w-]{16}$/);
    const page = await waiting.get(String(list.location));
    assert.match(page.body, /href="\/login\/recovery-code\?flow=[\w-]{16}"/);
    assert.match(page.body, /inputmode="numeric"/);
    for (const path of ['/login/new-password', '/login/confirm-address'])
      assert.equal((await waiting.get(path)).location, FACTOR_STEP);
    for (const code of ['', '1', 'null', '000000 ', "' or 1=1 --"])
      assert.ok([401, 422].includes((await waiting.submit(AUTHENTICATOR_STEP, { code })).status));
    assert.equal((await system.visitor().get(AUTHENTICATOR_STEP)).location, '/login');
    assert.equal(await isSignedIn(waiting), false);
  });

  it('A37 lists its factors to API clients, and only in its own browser', async () => {
    await using started = await startWithApp();
    const { system } = started;
    const client = system.visitor();
    const begun = JSON.parse((await client.postJson('/api/login', ADA)).body);
    assert.deepEqual([begun.state, begun.step], ['step', 'second-factor']);
    const listed = JSON.parse((await client.postJson(`/api${FACTOR_STEP}`, { flow: begun.flow })).body);
    assert.deepEqual(listed.factors, [
      { kind: 'totp', path: AUTHENTICATOR_STEP },
      { kind: 'recovery-codes', path: RECOVERY_STEP },
    ]);
    const other = await system.visitor().postJson(`/api${FACTOR_STEP}`, { flow: begun.flow });
    assert.deepEqual(reasonsOf(other), ['no-pending-sign-in']);
  });

  it('A11 starts again where the factor that it has shown was replaced before it could finish', async () => {
    await using started = await startWithApp();
    const { system, app } = started;
    const waiting = await upToFactor(system);
    const { queries } = reachInside(system, 'the replacement has to come between two statements').core
      .database;
    const id = await accountIdOf(system, ADA.username);
    assert.ok(id !== null);
    const { slots } = reachInside(system, 'the same').core;
    const factor = slots().secondFactors.find(({ kind }) => kind === 'totp');
    assert.ok(factor?.typed !== undefined);
    const { spend } = factor.typed;
    Object.assign(factor.typed, {
      spend: async (...given: Parameters<typeof spend>) => {
        const isRight = await spend(...given);
        await queries.deleteFrom('second_factors').where('kind', '=', 'totp').execute();
        const row = { id: idToBytes(newId(0)), account_id: idToBytes(id), kind: 'totp', added_at: 0 };
        await queries
          .insertInto('second_factors')
          .values({ ...row, last_used_at: null, reported_at: null })
          .execute();
        return isRight;
      },
    });
    assert.equal((await enterFactorCode(waiting, app.code())).location, FACTOR_STEP);
    assert.equal(await isSignedIn(waiting), false);
  });

  it('A65 is refused where the account has a factor that this server does not know', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const { id } = await accountOf(system);
    const { queries } = reachInside(system, 'a later version would write it').core.database;
    const row = { id: idToBytes(newId(0)), account_id: idToBytes(id), kind: 'later', added_at: 0 };
    await queries
      .insertInto('second_factors')
      .values({ ...row, last_used_at: null, reported_at: null })
      .execute();
    const waiting = await upToFactor(system);
    const page = await waiting.get(FACTOR_STEP);
    assert.equal(page.status, 200);
    assert.match(page.body, /cannot ask for at the moment/);
    assert.equal(await isSignedIn(waiting), false);
  });

  it('asks for no code where an account has recovery codes alone, as they only stand for a factor', async () => {
    await using system = await startSystem();
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    assert.equal((await ada.get(RECOVERY_CODES)).location, SECURITY);
    assert.deepEqual(reasonsOf(await ada.postJson(`/api${RECOVERY_CODES}`, {})), ['second-factor-missing']);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
  });
});

describe('a session that began with a second factor', () => {
  it('says so to API clients, and its user is shown how well the account is protected', async () => {
    await using started = await startWithApp();
    const { system, app } = started;
    const ada = await upToFactor(system);
    await enterFactorCode(ada, app.code());
    const { session } = JSON.parse((await ada.get('/api/session')).body);
    assert.deepEqual([session.aal, session.secondFactor], [2, 'totp']);
    const now = new Date(system.clock.read()).toISOString();
    assert.deepEqual(session.authentication, {
      methods: ['password', 'totp'],
      at: now,
      secondFactorAt: now,
    });
    const page = await ada.get(SECURITY);
    assert.match(page.body, /two factors/);
    assert.match(page.body, /10 of 10 codes are unused/);
    assert.match(page.body, /Next step: add a passkey/);
    assert.match(page.body, /<dt>Password<\/dt><dd>Set\./);
    assert.match(page.body, /<dt>Where you are signed in<\/dt><dd>(?:One|\d+) browsers?\./);
    const ben = system.visitor();
    await ben.register('Ben', 'seven paper boats at dusk', 'ben@example.org');
    await openAndConfirm(ben, (await newestConfirmation(system, 'ben@example.org')).path);
    await ben.signIn('Ben', 'seven paper boats at dusk');
    const other = JSON.parse((await ben.get('/api/session')).body);
    assert.deepEqual([other.session.aal, other.session.secondFactor], [1, null]);
    assert.deepEqual(other.session.authentication, { methods: ['password'], at: now, secondFactorAt: null });
  });

  it('A38 A70 V7.5.1 V7.5.3 is fresh again by the password and a code together, and by neither alone', async () => {
    await using started = await startWithApp();
    const { system, visitor: ada, app } = started;
    system.clock.advance(10 * MINUTE);
    assert.equal(await isFresh(ada), false);
    const { password } = ADA;
    const page = await ada.get(`${paths.confirm}?next=${DELETION}`);
    assert.match(page.body, /name="password"[\s\S]*name="code"/);
    assert.doesNotMatch(page.body, /confirm-by-mail/);
    assert.deepEqual(reasonsOf(await confirmWith(ada, { password })), ['code-missing']);
    assert.deepEqual(reasonsOf(await confirmWith(ada, { code: app.code() })), ['password-missing']);
    assert.deepEqual(reasonsOf(await confirmWith(ada, { password, code: app.code(5) })), ['code-refused']);
    assert.deepEqual(reasonsOf(await confirmWith(ada, { password: NEW_PASSWORD, code: app.code() })), [
      'password-refused',
    ]);
    assert.equal(await isFresh(ada), false);
    const done = await ada.submit(`${paths.confirm}?next=${DELETION}`, {
      password,
      code: app.code(),
      next: DELETION,
    });
    assert.equal(done.location, DELETION);
    assert.equal(await isFresh(ada), true);
  });

  it('A38 does not change the password with the current one alone', async () => {
    await using started = await startWithApp();
    const { system, visitor: ada, app } = started;
    system.clock.advance(10 * MINUTE);
    assert.match(String((await ada.get(paths.password)).location), /^\/account\/confirm/);
    const csrf = await ada.token('/dashboard');
    const fields = { csrf, 'current-password': ADA.password, 'new-password': NEW_PASSWORD };
    assert.match(String((await ada.post(paths.password, fields)).location), /^\/account\/confirm/);
    const given = { currentPassword: ADA.password, newPassword: NEW_PASSWORD };
    assert.deepEqual(reasonsOf(await ada.postJson(`/api${paths.password}`, given)), [
      'second-factor-required',
    ]);
    await confirmWith(ada, { password: ADA.password, code: app.code() });
    assert.equal((await changePassword(ada, NEW_PASSWORD)).location, paths.account);
    system.clock.advance(6 * MINUTE);
    assert.equal(await isFresh(ada), true);
    // A new password renews the proof by the password, and not that of the factor.
    await changePassword(ada, ADA.password);
    system.clock.advance(5 * MINUTE);
    assert.equal(await isFresh(ada), false);
  });

  it('is asked for the first factor alone once its user has removed the second one', async () => {
    await using started = await startWithApp();
    const { system, visitor: ada } = started;
    assert.equal((await removeApp(ada)).location, SECURITY);
    system.clock.advance(10 * MINUTE);
    assert.equal(await isFresh(ada), false);
    assert.equal((await confirmWith(ada, { password: ADA.password })).status, 200);
    assert.equal(await isFresh(ada), true);
    const { session } = JSON.parse((await ada.get('/api/session')).body);
    assert.equal(session.aal, 1);
    system.clock.advance(9 * MINUTE);
    assert.equal(await isFresh(ada), true);
  });
});

onEveryDatabase('a recovery code', (engine) => {
  it('A40 V6.5.1 works once, in any spelling, is reported to the owner, and leads to where factors are set up', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    const [first = '', second = ''] = app.recoveryCodes;
    const ada = await upToFactor(system);
    const entered = await ada.submit(RECOVERY_STEP, { code: ` ${first.toLowerCase().replaceAll('-', ' ')}` });
    assert.equal(entered.location, SECURITY);
    assert.match((await ada.get(SECURITY)).body, /You have used a recovery code; 9 are left/);
    const [mail] = await mailsOf(system, 'recovery-code-used');
    assert.equal(mail?.to, ADDRESS);
    assert.match(String(mail?.text), /Unused codes: 9/);
    assert.equal(eventsOf(system, 'recovery-code-used').length, 1);
    const { session } = JSON.parse((await ada.get('/api/session')).body);
    assert.deepEqual([session.aal, session.secondFactor], [2, 'recovery-codes']);
    const again = await upToFactor(system);
    assert.equal((await again.submit(RECOVERY_STEP, { code: first })).status, 401);
    assert.equal((await again.submit(RECOVERY_STEP, { code: second })).location, SECURITY);
  });

  it('A40 of an older list does not work, nor one of another account', async () => {
    await using started = await startWithApp(engine);
    const { system, visitor: ada, app } = started;
    const [old = ''] = app.recoveryCodes;
    const replaced = await ada.submit(RECOVERY_CODES, {});
    assert.equal(replaced.location, RECOVERY_CODES);
    const [fresh = ''] = codesIn(await ada.get(RECOVERY_CODES));
    const ben = system.visitor();
    await ben.register('Ben', 'seven paper boats at dusk', 'ben@example.org');
    await openAndConfirm(ben, (await newestConfirmation(system, 'ben@example.org')).path);
    await ben.signIn('Ben', 'seven paper boats at dusk');
    const { recoveryCodes: ofBen } = await setUpAuthenticator(system, ben);
    const waiting = await upToFactor(system);
    for (const code of [old, ofBen[0] ?? ''])
      assert.equal((await waiting.submit(RECOVERY_STEP, { code })).status, 401);
    assert.equal((await waiting.submit(RECOVERY_STEP, { code: fresh })).location, SECURITY);
  });

  it('A38 A40 stands for the second factor in fresh authentication, once', async () => {
    await using started = await startWithApp(engine);
    const { system, visitor: ada, app } = started;
    system.clock.advance(10 * MINUTE);
    const [code = ''] = app.recoveryCodes;
    const { password } = ADA;
    assert.equal((await confirmWith(ada, { password, code })).status, 200);
    assert.deepEqual(reasonsOf(await confirmWith(ada, { password, code })), ['code-refused']);
    assert.equal((await mailsOf(system, 'recovery-code-used')).length, 1);
  });
});

describe('new recovery codes', () => {
  it('are shown by the next page, as a file too, for ten minutes in the session that made them, until they are saved', async () => {
    await using started = await startWithApp();
    const { system, visitor: ada, app } = started;
    const file = await ada.get(`${RECOVERY_CODES}/download`);
    assert.equal(file.headers.get('content-disposition'), 'attachment; filename="recovery-codes.txt"');
    assert.equal(file.headers.get('cache-control'), 'no-store');
    for (const code of app.recoveryCodes) assert.ok(file.body.includes(`\n${code}\n`));
    const thief = system.visitor();
    const cookie = ada.cookies.get('latchkey-codes');
    assert.ok(cookie !== undefined && app.recoveryCodes.every((code) => !cookie.includes(code)));
    await upToFactor(system, thief);
    await enterFactorCode(thief, app.code());
    thief.cookies.set('latchkey-codes', cookie);
    assert.deepEqual(codesIn(await thief.get(RECOVERY_CODES)), []);
    assert.equal((await ada.submit(RECOVERY_CODES, { saved: 'on' })).location, SECURITY);
    assert.deepEqual(codesIn(await ada.get(RECOVERY_CODES)), []);
    assert.equal((await ada.get(`${RECOVERY_CODES}/download`)).location, RECOVERY_CODES);
    ada.cookies.set('latchkey-codes', cookie);
    assert.equal(codesIn(await ada.get(RECOVERY_CODES)).length, 10);
    system.clock.advance(9 * MINUTE);
    const { password } = ADA;
    await confirmWith(ada, { password, code: app.code() });
    system.clock.advance(MINUTE);
    assert.deepEqual(codesIn(await ada.get(RECOVERY_CODES)), []);
  });

  it('A66 are the same for a form that was sent twice', async () => {
    await using started = await startWithApp();
    const { visitor: ada } = started;
    const csrf = await ada.token(RECOVERY_CODES);
    const before = new Map(ada.cookies);
    const first = await ada.post(RECOVERY_CODES, { csrf });
    const kept = new Map(ada.cookies);
    ada.cookies.clear();
    for (const [name, value] of before) ada.cookies.set(name, value);
    const second = await ada.post(RECOVERY_CODES, { csrf });
    assert.deepEqual([first.location, second.location], [RECOVERY_CODES, RECOVERY_CODES]);
    assert.equal(ada.cookies.get('latchkey-codes'), kept.get('latchkey-codes'));
    assert.equal(codesIn(await ada.get(RECOVERY_CODES)).length, 10);
  });
});

describe('losing a second factor', () => {
  it('V6.4.3 is not helped by a mailed reset: the next sign-in asks for the factor (NIST SP 800-63B-4 §4.2.2)', async () => {
    await using started = await startWithApp();
    const { system, app } = started;
    const ada = system.visitor();
    await ada.get(await requestResetPath(system));
    assert.equal((await ada.submit(RESET, { 'new-password': NEW_PASSWORD })).location, '/login');
    assert.equal((await ada.signIn(ADA.username, NEW_PASSWORD)).location, FACTOR_STEP);
    system.clock.advance(SECOND);
    assert.equal((await enterFactorCode(ada, app.code())).location, '/dashboard');
  });

  it('A36 V6.3.5 is reported once a day while wrong codes are entered', async () => {
    await using started = await startWithApp();
    const { system, app } = started;
    const tryFor = async (count: number) => {
      for (let tries = 0; tries < count; tries += 1)
        await enterFactorCode(await upToFactor(system, system.visitorFrom(newAddress())), app.code(5));
    };
    await tryFor(8);
    assert.equal((await mailsOf(system, 'second-factor-tried')).length, 1);
    system.clock.advance(DAY);
    await tryFor(8);
    assert.equal((await mailsOf(system, 'second-factor-tried')).length, 2);
  });

  it('V6.4.4 V6.4.6 is helped by the operator, who gives a reason: sessions end, and the owner is notified', async () => {
    await using started = await startWithApp();
    const { system, visitor: ada } = started;
    const reset = ['user', 'reset-factors', ADA.username];
    const [shown, without, done, again] = await runCommandsOn(system, [
      ['user', 'factors', ADA.username, '--json'],
      reset,
      [...reset, '--reason', 'showed an identity card'],
      [...reset, '--reason', 'once more'],
    ]);
    const { factors } = JSON.parse(String(shown?.stdout));
    assert.deepEqual(
      factors.map(({ kind }: { kind: string }) => kind),
      ['recovery-codes', 'totp'],
    );
    assert.deepEqual([without?.status, done?.status, again?.status], [64, 0, 1]);
    const [event] = recorded(String(done?.stderr));
    assert.deepEqual(
      [event?.['event'], event?.['reason']],
      ['second-factors-reset', 'showed an identity card'],
    );
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await mailsOf(system, 'second-factors-reset'))[0]?.to, ADDRESS);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
  });

  it('is helped by the application, which names its actor and a reason', async () => {
    await using started = await startWithApp();
    const { system, visitor: ada } = started;
    const users = usersOf(system);
    const id = await existingAccountId(system, ADA.username);
    assert.deepEqual(
      (await users.factors(id)).map(({ kind }) => kind),
      ['recovery-codes', 'totp'],
    );
    await assert.rejects(users.resetFactors(id, { by: 'support', reason: ' ' }), TypeError);
    const reset = { by: 'support', reason: 'called back' };
    assert.deepEqual(await users.resetFactors(id, reset), { ok: true, factors: 2 });
    assert.deepEqual(await users.resetFactors(id, reset), { ok: false, reason: 'no-factors' });
    assert.deepEqual(await users.factors(id), []);
    assert.equal(await isSignedIn(ada), false);
    const [event] = eventsOf(system, 'second-factors-reset');
    assert.equal(event?.reason, 'called back');
    assert.equal((await mailsOf(system, 'second-factors-reset')).length, 1);
  });

  it('leaves nothing of an account that is deleted', async () => {
    await using system = await startSystem({ deletionDelay: '0s' });
    const { visitor } = await registerWithAuthenticator(system);
    await visitor.submit(DELETION, {});
    const { queries } = reachInside(system, 'no page shows what is stored').core.database;
    for (const table of ['second_factors', 'totp_secrets', 'recovery_codes'] as const)
      assert.deepEqual(await queries.selectFrom(table).selectAll().execute(), [], table);
  });
});
