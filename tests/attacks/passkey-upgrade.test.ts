import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { engines } from '../kit/databases.ts';
import { mailsOf, OPTIONAL, RESET, requestResetPath, startWithAda } from '../kit/mailed-links.ts';
import {
  addPasskey,
  authenticatorFor,
  optionsFor,
  PASSKEY_SIGN_IN,
  PASSKEY_UPGRADE,
  PASSKEYS,
  registerWithPasskey,
  SILENT,
  signInWithPasskey,
  upgradeToPasskey,
  usePasskeyOn,
} from '../kit/passkeys.ts';
import {
  FACTOR_STEP,
  FACTOR_UNDO,
  factorUndoPath,
  RECOVERY_CODES,
  registerWithAuthenticator,
  SECURITY,
} from '../kit/second-factors.ts';
import { eventsOf, startSystem, type TestOptions, type TestSystem } from '../kit/system.ts';
import {
  ADA,
  isSignedIn,
  NEW_PASSWORD,
  pathTo,
  reasonsOf,
  signInAs,
  tokenIn,
  type Visitor,
} from '../kit/visitor.ts';

const OFFERED = /data-passkey-upgrade/;
const REFUSED = ['upgrade-not-offered'];

async function signedIn(system: TestSystem, visitor = system.visitor()): Promise<Visitor> {
  await visitor.register(ADA.username, ADA.password);
  await signInAs(visitor);
  return visitor;
}

const ask = (visitor: Visitor) => visitor.postJson(`/api${PASSKEY_UPGRADE}`, {});

describe('a passkey that the browser creates by itself after a password', () => {
  it('signs in from then on, and changes nothing about the password', async () => {
    await using system = await startSystem();
    const other = await signedIn(system);
    const ada = system.visitor();
    await signInAs(ada);
    assert.match((await ada.get('/dashboard')).body, OFFERED);
    const authenticator = authenticatorFor(system);
    const created = await upgradeToPasskey(ada, authenticator);
    assert.equal(created.status, 200);
    assert.deepEqual(await Promise.all([ada, other].map(isSignedIn)), [true, true]);
    assert.doesNotMatch((await ada.get('/dashboard')).body, OFFERED);
    const password = system.visitor();
    assert.equal((await password.signIn(ADA.username, ADA.password)).location, '/dashboard');
    const overview = (await password.get(SECURITY)).body;
    assert.match(overview, /protected by one factor/);
    assert.match(overview, /Next step: add a second factor\.\s*<a href="\/account\/passkeys"/);
    assert.match(overview, /is not asked for after your password/);
    const passkey = system.visitor();
    assert.equal((await signInWithPasskey(passkey, authenticator)).location, '/dashboard');
    assert.equal(JSON.parse((await passkey.get('/api/session')).body).session.aal, 2);
    assert.equal(eventsOf(system, 'second-factor-added').length, 1);
  });

  it('A41 verifies its user at each use, although it was created without a question', async () => {
    await using system = await startSystem();
    const ada = await signedIn(system);
    const authenticator = authenticatorFor(system);
    const { authenticatorSelection } = await optionsFor(ada, PASSKEY_UPGRADE);
    assert.deepEqual(authenticatorSelection, { residentKey: 'required', userVerification: 'preferred' });
    await ada.signOut();
    await signInAs(ada);
    await upgradeToPasskey(ada, authenticator);
    for (const silent of [SILENT, { isUserVerified: false }, { isUserPresent: false }]) {
      const page = { page: '/login', action: PASSKEY_SIGN_IN };
      const answer = await usePasskeyOn(system.visitor(), page, (options) =>
        authenticator.get(options, silent),
      );
      assert.equal(answer.status, 401, JSON.stringify(silent));
    }
    // The exception is for this ceremony alone.
    const own = await usePasskeyOn(ada, { page: PASSKEYS }, (options) =>
      authenticatorFor(system).create({ ...Object(options), excludeCredentials: [] }, SILENT),
    );
    assert.equal(own.status, 401);
  });

  it('A41 answers a challenge of its own, once', async () => {
    await using system = await startSystem();
    const ada = await signedIn(system);
    const authenticator = authenticatorFor(system);
    const forPage = await optionsFor(ada, PASSKEYS);
    const send = (response: object) =>
      ada.postJson(`/api${PASSKEY_UPGRADE}`, { credential: JSON.stringify(response) });
    assert.deepEqual(reasonsOf(await send(authenticator.create(forPage, SILENT))), ['passkey-expired']);
    const response = authenticator.create(await optionsFor(ada, PASSKEY_UPGRADE), SILENT);
    const onPage = await ada.submit(PASSKEYS, { credential: JSON.stringify(response) });
    assert.equal(onPage.status, 409, 'a page of the user verifies the user');
    const thief = await signedIn(system, system.visitor());
    const stolen = await thief.postJson(`/api${PASSKEY_UPGRADE}`, { credential: JSON.stringify(response) });
    assert.deepEqual(reasonsOf(stolen), ['passkey-expired'], 'it belongs to one session');
    assert.equal((await send(response)).status, 200);
    assert.deepEqual(reasonsOf(await send(response)), REFUSED);
  });

  it('is asked for once in a session, and only at its begin', async () => {
    await using system = await startSystem();
    const ada = await signedIn(system);
    assert.equal((await ask(ada)).status, 200);
    assert.deepEqual(reasonsOf(await ask(ada)), REFUSED);
    assert.doesNotMatch((await ada.get('/dashboard')).body, OFFERED);
    const next = system.visitor();
    await signInAs(next);
    assert.match((await next.get('/dashboard')).body, OFFERED);
    system.clock.advance(5 * MINUTE);
    assert.doesNotMatch((await next.get('/dashboard')).body, OFFERED);
    assert.deepEqual(reasonsOf(await ask(next)), REFUSED);
  });

  it('A20 A37 A38 is refused without a fresh password, a confirmed address, or where a factor is required', async () => {
    const cases: readonly [string, TestOptions, (system: TestSystem) => Promise<Visitor>][] = [
      ['of a visitor', {}, async (system) => system.visitor()],
      [
        'after a passkey',
        {},
        async (system) => {
          const { authenticator } = await registerWithPasskey(system);
          const browser = system.visitor();
          await signInWithPasskey(browser, authenticator);
          return browser;
        },
      ],
      ['beside a passkey', {}, async (system) => (await registerWithPasskey(system)).visitor],
      [
        'where it was declined',
        {},
        async (system) => {
          const ada = await signedIn(system);
          await ada.post('/account/passkeys/offer', { csrf: await ada.token('/dashboard') });
          return ada;
        },
      ],
      [
        'of an unconfirmed address',
        { email: 'optional' },
        async (system) => {
          const ada = system.visitor();
          await ada.register(ADA.username, ADA.password, 'ada@example.org');
          await signInAs(ada);
          return ada;
        },
      ],
      ['in the grace period', { mfa: 'required', mfaGrace: '7d' }, signedIn],
      [
        'when it is not fresh',
        { sessionFresh: '1m' },
        async (system) => {
          const ada = await signedIn(system);
          system.clock.advance(2 * MINUTE);
          return ada;
        },
      ],
    ];
    for (const [title, options, enter] of cases) {
      await using system = await startSystem(options);
      const visitor = await enter(system);
      const answer = await ask(visitor);
      assert.ok([401, 409].includes(answer.status), `${title}: ${answer.status}`);
      if (answer.status === 409) assert.deepEqual(reasonsOf(answer), REFUSED, title);
    }
  });

  it('is mailed to its owner, who undoes it, and it is no sign-in method any more', async () => {
    await using system = await startWithAda(engines[0], OPTIONAL);
    const ada = system.visitor();
    await signInAs(ada);
    const authenticator = authenticatorFor(system);
    await upgradeToPasskey(ada, authenticator);
    const [mail] = await mailsOf(system, 'second-factor-changed');
    assert.match(String(mail?.text), /A passkey was added/);
    const browser = system.visitor();
    await browser.get(await factorUndoPath(system));
    assert.equal((await browser.submit(FACTOR_UNDO, {})).status, 303);
    assert.equal((await signInWithPasskey(browser, authenticator)).status, 401);
  });

  it('A11 A20 of a thief of the password goes when the owner recovers the account, unless it is kept', async () => {
    for (const isKept of [false, true]) {
      await using system = await startWithAda(engines[0], OPTIONAL);
      const thief = system.visitor();
      await signInAs(thief);
      const authenticator = authenticatorFor(system);
      await upgradeToPasskey(thief, authenticator);
      const ada = system.visitor();
      await ada.get(await requestResetPath(system));
      const { body } = await ada.get(RESET);
      const [keep = ''] = /keep-[0-9a-f-]+/.exec(body) ?? [];
      assert.notEqual(keep, '', 'the page lists it');
      assert.doesNotMatch(body, /<input[^>]+checked/);
      await ada.submit(RESET, { 'new-password': NEW_PASSWORD, ...(isKept && { [keep]: 'on' }) });
      const [notice] = await mailsOf(system, 'password-changed');
      assert.match(String(notice?.text), /Passkey/);
      const answer = await signInWithPasskey(system.visitor(), authenticator);
      assert.equal(answer.status, isKept ? 303 : 401);
    }
  });

  it('is asked for after the password once its user wants that, with recovery codes', async () => {
    await using system = await startSystem();
    const ada = await signedIn(system);
    const authenticator = authenticatorFor(system);
    await upgradeToPasskey(ada, authenticator);
    const page = await ada.get(PASSKEYS);
    assert.match(page.body, /Ask for it from now on/);
    const asked = await ada.post(PASSKEYS, { csrf: tokenIn(page.body), ask: 'on' });
    assert.equal(asked.location, RECOVERY_CODES);
    assert.equal(pathTo(await system.visitor().signIn(ADA.username, ADA.password)), FACTOR_STEP);
    assert.doesNotMatch((await ada.get(PASSKEYS)).body, /Ask for it from now on/);
    const again = await ada.postJson(`/api${PASSKEYS}`, { ask: 'on' });
    assert.deepEqual(reasonsOf(again), ['passkey-missing']);
  });

  it('stays without being asked for when the other factors are removed, and their codes go', async () => {
    await using system = await startSystem();
    const { visitor } = await registerWithAuthenticator(system);
    const authenticator = authenticatorFor(system);
    assert.equal((await upgradeToPasskey(visitor, authenticator)).status, 200);
    assert.equal((await visitor.submit('/account/authenticator', { remove: 'on' })).status, 303);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.equal(pathTo(await visitor.get(RECOVERY_CODES)), SECURITY);
    assert.equal((await signInWithPasskey(system.visitor(), authenticator)).location, '/dashboard');
    system.clock.advance(DAY);
    // A passkey of the user's own is asked for as ever.
    const browser = system.visitor();
    await signInAs(browser);
    await addPasskey(browser, authenticatorFor(system));
    assert.equal(pathTo(await system.visitor().signIn(ADA.username, ADA.password)), FACTOR_STEP);
  });
});
