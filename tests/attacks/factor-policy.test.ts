import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { isAdmitted, plantApiToken, WITH_TOKENS } from '../kit/api-tokens.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  registerWithProvider,
  rolesOf,
  signInWithProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import { mailsOf, newestConfirmation, openAndConfirm, registerAda } from '../kit/mailed-links.ts';
import {
  addPasskey,
  authenticatorFor,
  PASSKEYS,
  registerWithPasskey,
  signInWithPasskey,
} from '../kit/passkeys.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_SETUP,
  AUTHENTICATOR_STEP,
  authenticatorOf,
  CODES_STEP,
  codesIn,
  enterFactorCode,
  FACTOR_SETUP,
  FACTOR_STEP,
  nextCode,
  offeredSecret,
  RECOVERY_STEP,
  SECURITY,
  setUpAuthenticator,
  setUpInSignIn,
  setupIn,
} from '../kit/second-factors.ts';
import {
  deleteExpired,
  eventsOf,
  existingAccountId,
  reachInside,
  startSystem,
  type TestOptions,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import { ADA, isSignedIn, pathTo, reasonsOf, signInAs, type Visitor } from '../kit/visitor.ts';

/** A provider that gives the role `staff` alone. */
const GITHUB_ROLES = { githubClientId: 'id', githubClientSecret: 'secret', githubRoles: 'acme=staff' };

const LONG_SESSIONS = { sessionIdle: '30d', sessionLifetime: '30d' };
const REQUIRED: TestOptions = { mfa: 'required', email: 'required', ...LONG_SESSIONS };
const AT_ONCE: TestOptions = { ...REQUIRED, mfaGrace: '0s' };
const FOR_ADMINS: TestOptions = {
  mfa: 'required-for-roles',
  mfaRoles: 'admin',
  roles: 'admin,reader',
  ...LONG_SESSIONS,
};

/** Ada, who has confirmed her address and is not signed in. */
async function confirmedAda(system: TestSystem): Promise<Visitor> {
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  return ada;
}

const signIn = (visitor: Visitor) => visitor.signIn(ADA.username, ADA.password);

async function signInByJson(client: Visitor) {
  return JSON.parse((await client.postJson('/api/login', ADA)).body);
}

async function assertAssured(visitor: Visitor): Promise<void> {
  const { session } = JSON.parse((await visitor.get('/api/session')).body);
  assert.deepEqual([session.aal, session.secondFactor], [2, 'totp']);
}

describe('a required second factor', () => {
  it('A37 V6.3.3 is set up in the sign-in: no session before the code was right and the recovery codes were shown', async () => {
    await using system = await startSystem(AT_ONCE);
    const ada = await confirmedAda(system);
    assert.equal((await signIn(ada)).location, FACTOR_SETUP);
    assert.equal(await isSignedIn(ada), false);
    for (const path of ['/dashboard', SECURITY, AUTHENTICATOR])
      assert.match(String((await ada.get(path)).location), /^\/login/);
    const list = await ada.get(FACTOR_SETUP);
    const [, way = ''] = /href="(\/login\/authenticator-setup\?flow=[\w-]{16})"/.exec(list.body) ?? [];
    const page = await ada.get(way);
    assert.match(page.body, /<svg class="qr"/);
    assert.match(page.body, /requires a second factor of Ada/);
    const { code } = authenticatorOf(system, offeredSecret(page), []);
    const setup = setupIn(page);
    for (const typed of ['', '1', code(5)]) {
      const refused = await ada.submit(AUTHENTICATOR_SETUP, { setup, code: typed });
      assert.ok([401, 422].includes(refused.status));
      assert.equal(offeredSecret(refused), offeredSecret(page), 'the app that has scanned it stays good');
    }
    assert.equal((await ada.get(CODES_STEP)).location, FACTOR_SETUP, 'no later step comes first');
    const added = await ada.submit(AUTHENTICATOR_SETUP, { setup, code: code() });
    assert.equal(added.location, CODES_STEP);
    assert.equal(await isSignedIn(ada), false);
    const shown = await ada.get(CODES_STEP);
    assert.equal(codesIn(shown).length, 10);
    assert.deepEqual(codesIn(await ada.get(CODES_STEP)), codesIn(shown), 'the page can be reloaded');
    const [, file = ''] = /href="(\/login\/recovery-codes\/download\?flow=[\w-]+)"/.exec(shown.body) ?? [];
    assert.match((await ada.get(file)).body, new RegExp(String(codesIn(shown)[9])));
    assert.equal((await ada.submit(CODES_STEP, {})).location, '/dashboard');
    await assertAssured(ada);
    assert.equal((await mailsOf(system, 'second-factor-changed')).length, 1);
    nextCode(system);
    const again = system.visitor();
    assert.equal((await signIn(again)).location, FACTOR_STEP);
    assert.equal((await enterFactorCode(again, code())).location, '/dashboard');
    const other = system.visitor();
    await signIn(other);
    assert.equal((await other.submit(RECOVERY_STEP, { code: String(codesIn(shown)[0]) })).location, SECURITY);
  });

  it('A37 is set up by API clients, each request with the flow of the sign-in', async () => {
    await using system = await startSystem(AT_ONCE);
    await confirmedAda(system);
    const client = system.visitor();
    const begun = await signInByJson(client);
    assert.deepEqual([begun.state, begun.step], ['step', 'second-factor-setup']);
    const { flow } = begun;
    const post = async (path: string, fields: object) =>
      JSON.parse((await client.postJson(`/api${path}`, fields)).body);
    const { factors } = await post(FACTOR_SETUP, { flow });
    assert.deepEqual(factors, [
      { kind: 'passkey', path: '/login/passkey-setup' },
      { kind: 'totp', path: AUTHENTICATOR_SETUP },
    ]);
    const { secret, setup, uri } = await post(AUTHENTICATOR_SETUP, { flow });
    assert.equal(new URL(uri).searchParams.get('secret'), secret);
    const { code } = authenticatorOf(system, secret, []);
    const foreign = await system
      .visitor()
      .postJson(`/api${AUTHENTICATOR_SETUP}`, { flow, setup, code: code() });
    assert.deepEqual(reasonsOf(foreign), ['no-pending-sign-in']);
    const added = await post(AUTHENTICATOR_SETUP, { flow, setup, code: code() });
    assert.deepEqual([added.state, added.step, added.recoveryCodes.length], ['step', 'recovery-codes', 10]);
    assert.equal((await post(CODES_STEP, { flow: added.flow })).state, 'signed-in');
    await assertAssured(client);
  });

  it('A13 is not set up with the secret of another sign-in, of a session, or of half an hour ago', async () => {
    await using system = await startSystem({ ...AT_ONCE, mfaGrace: '1d' });
    const ada = await confirmedAda(system);
    await signInAs(ada);
    const ofSession = await ada.get(AUTHENTICATOR);
    system.clock.advance(2 * DAY);
    const [one, other] = [system.visitor(), system.visitor()];
    await signIn(one);
    await signIn(other);
    const page = await one.get(AUTHENTICATOR_SETUP);
    for (const offer of [page, ofSession]) {
      const { code } = authenticatorOf(system, offeredSecret(offer), []);
      const refused = await other.submit(AUTHENTICATOR_SETUP, { setup: setupIn(offer), code: code() });
      assert.equal(refused.location, AUTHENTICATOR_SETUP);
    }
    const csrf = await one.token(AUTHENTICATOR_SETUP);
    system.clock.advance(10 * MINUTE);
    const { code } = authenticatorOf(system, offeredSecret(page), []);
    const late = await one.post(AUTHENTICATOR_SETUP, { csrf, setup: setupIn(page), code: code() });
    assert.equal(late.location, '/login', 'the sign-in waits for ten minutes');
    assert.equal((await signIn(system.visitor())).location, FACTOR_SETUP);
  });

  it('A20 has an unconfirmed address confirmed before, also where addresses are optional', async () => {
    await using system = await startSystem({ ...AT_ONCE, email: 'optional' });
    const ada = await registerAda(system);
    assert.equal((await signIn(ada)).location, '/login/confirm-address');
    assert.equal((await ada.get(AUTHENTICATOR_SETUP)).location, '/login/confirm-address');
    const client = system.visitor();
    const { step, flow } = await signInByJson(client);
    assert.equal(step, 'confirm-address');
    assert.deepEqual(reasonsOf(await client.postJson(`/api${AUTHENTICATOR_SETUP}`, { flow })), [
      'no-pending-sign-in',
    ]);
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit('/login/confirm-address', { code: String(code) })).location, FACTOR_SETUP);
    assert.equal((await setUpInSignIn(system, ada)).location, '/dashboard');
  });

  it('is set up by accounts without an address', async () => {
    await using system = await startSystem({ ...AT_ONCE, email: 'off' });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    assert.equal((await signIn(ada)).location, FACTOR_SETUP);
    assert.equal((await setUpInSignIn(system, ada)).location, '/dashboard');
  });

  it('A11 ends everything else that has shown one factor', async () => {
    await using system = await startSystem({ ...REQUIRED, mfaGrace: '1d' });
    const [ada, waiting] = [await confirmedAda(system), system.visitor()];
    system.clock.advance(SECOND);
    await signInAs(ada);
    system.clock.advance(DAY);
    await signIn(waiting);
    const other = system.visitor();
    await signIn(other);
    await setUpInSignIn(system, other);
    assert.equal((await waiting.get(AUTHENTICATOR_SETUP)).location, '/login');
    assert.equal(await isSignedIn(ada), false);
  });

  it('A37 is shown once more where the page of the recovery codes was lost, and the sign-in goes on', async () => {
    await using system = await startSystem(AT_ONCE);
    const ada = await confirmedAda(system);
    await signIn(ada);
    const page = await ada.get(AUTHENTICATOR_SETUP);
    const { code } = authenticatorOf(system, offeredSecret(page), []);
    await ada.submit(AUTHENTICATOR_SETUP, { setup: setupIn(page), code: code() });
    ada.cookies.delete('latchkey-codes');
    const lost = await ada.get(CODES_STEP);
    assert.deepEqual(codesIn(lost), []);
    assert.match(lost.body, /not shown any more/);
    assert.equal((await ada.submit(CODES_STEP, {})).location, '/dashboard');
  });
});

onEveryDatabase('the grace period of a required second factor', (engine) => {
  it('begins with the first use, is shown on pages, and is reported by mail at its begin and a day before its end', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await confirmedAda(system);
    system.clock.advance(30 * DAY);
    await signInAs(ada);
    const until = new Date(system.clock.read() + 7 * DAY).toISOString();
    for (const path of ['/dashboard', '/account', SECURITY])
      assert.match((await ada.get(path)).body, new RegExp(`<time datetime="${until}">`), path);
    const [first, ...more] = await mailsOf(system, 'second-factor-required');
    assert.match(String(first?.text), /You can sign in without one until/);
    assert.match(String(first?.text), /\/account\/security/);
    assert.deepEqual(more, []);
    const remind = async () => {
      await deleteExpired(system);
      return (await mailsOf(system, 'second-factor-due')).length;
    };
    system.clock.advance(6 * DAY - SECOND);
    assert.equal(await remind(), 0);
    system.clock.advance(SECOND);
    assert.equal(await remind(), 1);
    assert.equal(await remind(), 1);
    assert.equal((await signIn(system.visitor())).location, '/dashboard');
    assert.equal((await mailsOf(system, 'second-factor-required')).length, 1);
    system.clock.advance(DAY - SECOND);
    assert.equal((await signIn(system.visitor())).location, '/dashboard');
    system.clock.advance(SECOND);
    assert.equal((await signIn(system.visitor())).location, FACTOR_SETUP);
    assert.equal(await remind(), 1);
  });

  it('A12 ends the sessions that began before its end, and no session with a factor', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await confirmedAda(system);
    await signInAs(ada);
    system.clock.advance(7 * DAY - SECOND);
    assert.equal(await isSignedIn(ada), true);
    system.clock.advance(SECOND);
    assert.equal(await isSignedIn(ada), false);
    assert.match(String((await ada.get('/dashboard')).location), /^\/login/);
    assert.equal(eventsOf(system, 'second-factor-overdue').length, 1);
    await signIn(ada);
    assert.equal((await setUpInSignIn(system, ada)).location, '/dashboard');
    system.clock.advance(8 * DAY);
    assert.equal(await isSignedIn(ada), true);
    assert.doesNotMatch((await ada.get('/dashboard')).body, /requires a second factor/);
  });

  it('is no matter for accounts that have a factor: no mail, no reminder, no step', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await confirmedAda(system);
    const { queries } = reachInside(system, 'no page shows what is stored').core.database;
    await signInAs(ada);
    const app = await setUpAuthenticator(system, ada);
    await queries.deleteFrom('factor_deadlines').execute();
    await ada.signOut();
    assert.equal((await signIn(ada)).location, FACTOR_STEP);
    assert.equal((await enterFactorCode(ada, app.code())).location, '/dashboard');
    assert.deepEqual(await queries.selectFrom('factor_deadlines').selectAll().execute(), []);
    system.clock.advance(6 * DAY + HOUR);
    await deleteExpired(system);
    assert.equal((await mailsOf(system, 'second-factor-required')).length, 1, 'before there was one');
    assert.equal((await mailsOf(system, 'second-factor-due')).length, 0);
  });

  it('A12 begins for a session that is there when the policy is switched on, with its next request', async () => {
    await using empty = await engine.create();
    const there = existingDatabase(empty.url);
    const cookies = new Map<string, string>();
    const within = async (
      options: TestOptions,
      work: (system: TestSystem, ada: Visitor) => Promise<void>,
    ) => {
      await using system = await startSystem({ ...LONG_SESSIONS, ...options }, there);
      const ada = system.visitor();
      for (const [name, value] of cookies) ada.cookies.set(name, value);
      await work(system, ada);
      for (const [name, value] of ada.cookies) cookies.set(name, value);
    };
    const begun = async (system: TestSystem) => {
      const { queries } = reachInside(system, 'no page shows what is stored').core.database;
      return (await queries.selectFrom('factor_deadlines').selectAll().execute()).length;
    };
    await within({}, async (system, ada) => {
      await ada.register(ADA.username, ADA.password);
      await signInAs(ada);
      assert.equal(await begun(system), 0);
    });
    await within({ mfa: 'required' }, async (system, ada) => {
      assert.ok(await isSignedIn(ada));
      assert.equal(await begun(system), 1);
      system.clock.advance(6 * DAY);
      assert.ok(await isSignedIn(ada));
    });
    await within({}, async (system) => {
      await deleteExpired(system);
      assert.equal(await begun(system), 0, 'a policy that is switched off leaves nothing');
    });
    await within({ mfa: 'required', mfaGrace: '0s' }, async (system, ada) => {
      assert.equal(await isSignedIn(ada), false);
      assert.equal(await begun(system), 0);
    });
  });
});

describe('a second factor that is required for roles', () => {
  it('A12 is required from the grace period on that begins with the role, and of no user without it', async () => {
    await using system = await startSystem({ ...FOR_ADMINS, ...WITH_TOKENS });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const id = await existingAccountId(system, ADA.username);
    await usersOf(system).update(id, { roles: ['reader'], by: 'a test' });
    system.clock.advance(8 * DAY);
    assert.ok(await isSignedIn(ada));
    assert.doesNotMatch((await ada.get('/dashboard')).body, /requires a second factor/);
    await usersOf(system).update(id, { roles: { add: ['admin'] }, by: 'a test' });
    assert.match((await ada.get('/dashboard')).body, /requires a second factor/);
    system.clock.advance(7 * DAY - SECOND);
    assert.ok(await isSignedIn(ada));
    const { token } = await plantApiToken(system);
    assert.ok(await isAdmitted(system, token));
    system.clock.advance(SECOND);
    assert.equal(await isAdmitted(system, token), false, 'API tokens follow it');
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await signIn(ada)).location, FACTOR_SETUP);
    await usersOf(system).update(id, { roles: { remove: ['admin'] }, by: 'a test' });
    assert.ok(await isAdmitted(system, token));
    assert.equal((await signIn(ada)).location, '/dashboard');
  });

  it('A65 is required of an account that API tokens alone use, whose first use begins the grace period', async () => {
    await using system = await startSystem({ ...FOR_ADMINS, ...WITH_TOKENS, mfaGrace: '30m' });
    await system.visitor().register(ADA.username, ADA.password);
    const id = await existingAccountId(system, ADA.username);
    await usersOf(system).update(id, { roles: ['admin'], by: 'a test' });
    const { token } = await plantApiToken(system);
    assert.ok(await isAdmitted(system, token));
    system.clock.advance(30 * MINUTE - SECOND);
    assert.ok(await isAdmitted(system, token));
    system.clock.advance(SECOND);
    assert.equal(await isAdmitted(system, token), false);
  });

  it('A37 is required of a sign-in whose provider asserts the role, and of no other one', async () => {
    await using provider = await startTwinProvider();
    const { roles: _, ...forAdmins } = FOR_ADMINS;
    await using system = await startSystem(
      acme(provider, { ...forAdmins, oidcAcmeRoles: 'staff=admin, guests=reader' }),
    );
    provider.profile = { sub: 'ada-there', groups: ['guests'] };
    const ada = system.visitor();
    await registerWithProvider(ada, provider, ADA.username);
    assert.deepEqual(await rolesOf(ada), ['reader']);
    provider.profile = { sub: 'ada-there', groups: ['staff'] };
    const admin = system.visitor();
    assert.equal(pathTo(await signInWithProvider(admin, provider)), '/dashboard');
    assert.deepEqual(await rolesOf(admin), ['admin']);
    system.clock.advance(7 * DAY);
    assert.equal(await isSignedIn(admin), false);
    assert.ok(await isSignedIn(ada), 'the session without the role');
    assert.equal(pathTo(await signInWithProvider(admin, provider)), FACTOR_SETUP);
    assert.equal((await setUpInSignIn(system, admin)).location, '/dashboard');
    assert.deepEqual(await rolesOf(admin), ['admin']);
  });

  it('A65 stops the start where its roles are missing, given by nothing, misspelt or of no effect', async () => {
    for (const options of [
      { mfa: 'required-for-roles' },
      { mfa: 'required-for-roles', mfaRoles: 'admin' },
      { mfa: 'required-for-roles', mfaRoles: 'amdin', roles: 'admin' },
      { mfaRoles: 'admin' },
      { mfa: 'required', mfaRoles: 'admin' },
      // A role that its only provider does not give.
      { mfa: 'required-for-roles', mfaRoles: 'staff,amdin', ...GITHUB_ROLES },
    ] as const)
      await assert.rejects(startSystem(options), /MFA_ROLES/, JSON.stringify(options));
    await using _ = await startSystem({ mfa: 'required-for-roles', mfaRoles: 'staff', ...GITHUB_ROLES });
  });
});

describe('the last second factor of an account that needs one', () => {
  it('A11 cannot be removed, by the page or by JSON, and can be replaced', async () => {
    await using system = await startSystem(AT_ONCE);
    const ada = await confirmedAda(system);
    await signIn(ada);
    const { app } = await setUpInSignIn(system, ada);
    const page = await ada.get(AUTHENTICATOR);
    assert.match(page.body, /you can replace the app, and not remove it/);
    assert.doesNotMatch(page.body, /name="remove"/);
    const refused = await ada.postJson(`/api${AUTHENTICATOR}`, { remove: true });
    assert.deepEqual([refused.status, reasonsOf(refused)], [409, ['last-factor-required']]);
    const csrf = await ada.token(AUTHENTICATOR);
    assert.match((await ada.post(AUTHENTICATOR, { csrf, remove: 'on' })).body, /cannot be removed/);
    const replacing = await ada.get(`${AUTHENTICATOR}?replace=on`);
    const next = authenticatorOf(system, offeredSecret(replacing), []);
    const wrong = { setup: setupIn(replacing), code: next.code(5), replace: 'on' };
    const again = await ada.submit(`${AUTHENTICATOR}?replace=on`, wrong);
    assert.deepEqual([again.status, offeredSecret(again)], [401, offeredSecret(replacing)]);
    const fields = { setup: setupIn(replacing), code: next.code(), replace: 'on' };
    assert.equal((await ada.submit(`${AUTHENTICATOR}?replace=on`, fields)).location, SECURITY);
    assert.match((await ada.get(SECURITY)).body, /is replaced/);
    assert.equal(eventsOf(system, 'second-factor-replaced').length, 1);
    nextCode(system);
    const other = system.visitor();
    assert.equal((await signIn(other)).location, FACTOR_STEP);
    assert.equal((await enterFactorCode(other, app.code())).status, 401, 'the code of the old app');
    assert.equal((await other.submit(AUTHENTICATOR_STEP, { code: next.code() })).location, '/dashboard');
    const third = system.visitor();
    await signIn(third);
    const [code = ''] = app.recoveryCodes;
    assert.equal((await third.submit(RECOVERY_STEP, { code })).location, SECURITY, 'the codes stay');
  });

  it('A11 is a passkey as well: it signs in after the grace period, and only another one can take its place', async () => {
    await using system = await startSystem({ mfa: 'required', email: 'off', ...LONG_SESSIONS });
    const { authenticator } = await registerWithPasskey(system);
    system.clock.advance(8 * DAY);
    const ada = system.visitor();
    assert.equal((await signInWithPasskey(ada, authenticator)).location, '/dashboard');
    assert.equal((await signIn(system.visitor())).location, FACTOR_STEP);
    const idsOn = async () =>
      [...(await ada.get(PASSKEYS)).body.matchAll(/name="passkey" value="([^"]+)"/g)].map(([, id]) => id);
    const remove = async (passkey: string | undefined) =>
      ada.postJson(`/api${PASSKEYS}`, { passkey, remove: true });
    const [first] = await idsOn();
    assert.deepEqual(reasonsOf(await remove(first)), ['last-factor-required']);
    await addPasskey(ada, authenticatorFor(system));
    assert.equal((await remove(first)).status, 200);
    const [second] = (await idsOn()).filter((id) => id !== first);
    assert.deepEqual(reasonsOf(await remove(second)), ['last-factor-required']);
  });

  it('is removed by the operator, and set up again in the next sign-in', async () => {
    await using system = await startSystem(REQUIRED);
    const ada = await confirmedAda(system);
    await signInAs(ada);
    await setUpAuthenticator(system, ada);
    system.clock.advance(8 * DAY);
    const id = await existingAccountId(system, ADA.username);
    await usersOf(system).resetFactors(id, { by: 'support', reason: 'called back' });
    assert.equal((await signIn(ada)).location, FACTOR_SETUP, 'there is one grace period');
  });
});

describe('the shortest password', () => {
  it('V6.2.1 of eight characters is reported at start unless a second factor is required of every account', async () => {
    const reportsOf = async (options: TestOptions) => {
      await using system = await startSystem({ passwordMinLength: 8, ...options });
      return system.logLines.filter((line) => line.includes('passwords-too-short')).length;
    };
    assert.equal(await reportsOf({}), 1);
    assert.equal(await reportsOf(FOR_ADMINS), 1);
    assert.equal(await reportsOf({ mfa: 'required' }), 0);
    assert.equal(await reportsOf({ passwordMinLength: 15 }), 0);
    await using system = await startSystem({ passwordMinLength: 8, ...AT_ONCE, email: 'off' });
    const ada = system.visitor();
    await ada.register(ADA.username, 'qz7!vK2p');
    assert.equal((await ada.signIn(ADA.username, 'qz7!vK2p')).location, FACTOR_SETUP);
  });
});
