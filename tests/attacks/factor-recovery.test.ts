import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  connectProvider,
  goToProvider,
  returnFromProvider,
  startTwinProvider,
} from '../kit/federation.ts';
import {
  ADDRESS,
  changeAddress,
  mailsOf,
  NEW_ADDRESS,
  newestConfirmation,
  newestLink,
  newestPath,
  openAndConfirm,
  openAndReset,
  recipientsNamed,
  registerAda,
  requestLink,
  requestResetPath,
  SENT,
} from '../kit/mailed-links.ts';
import { addPasskey, authenticatorFor, PASSKEYS, signInWithPasskey } from '../kit/passkeys.ts';
import { runCommandsOn } from '../kit/processes.ts';
import {
  AUTHENTICATOR,
  COMPLETE,
  enterFactorCode,
  FACTOR_STEP,
  FACTOR_UNDO,
  factorUndoPath,
  LOST,
  nextCode,
  RECOVERY_STEP,
  REQUEST,
  SECURITY,
  STOP_BY_MAIL,
  STOP_HERE,
  setUpAuthenticator,
} from '../kit/second-factors.ts';
import {
  deleteExpired,
  disableAccount,
  eventsOf,
  existingAccountId,
  reachInside,
  startSystem,
  type TestOptions,
  type TestSystem,
} from '../kit/system.ts';
import { resetCounters } from '../kit/throttling.ts';
import {
  ADA,
  type Answer,
  isSignedIn,
  NEW_PASSWORD,
  reasonsOf,
  signInAs,
  type Visitor,
} from '../kit/visitor.ts';

const DELAYED: TestOptions = { email: 'required', mfaRecoveryDelay: '7d' };
const DELAY = 7 * DAY;

/** Ada with a confirmed address and an authenticator app, which she used last in the returned browser. */
async function startWithApp(engine?: Engine, options: TestOptions = DELAYED) {
  const system = await startSystem(options, engine);
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  await signInAs(ada);
  const app = await setUpAuthenticator(system, ada);
  return { system, ada, app, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

/** A browser that has given the password, and waits for the second factor. */
async function upToFactor(system: TestSystem, password: string = ADA.password): Promise<Visitor> {
  await resetCounters(system);
  const visitor = system.visitor();
  assert.equal((await visitor.signIn(ADA.username, password)).location, FACTOR_STEP);
  return visitor;
}

/** Presses a button of the page for lost factors. */
async function press(visitor: Visitor, path: string): Promise<Answer> {
  return visitor.post(path, { csrf: await visitor.token(LOST) });
}

async function ask(system: TestSystem): Promise<Answer> {
  return press(await upToFactor(system), REQUEST);
}

async function complete(system: TestSystem): Promise<Answer> {
  return press(await upToFactor(system), COMPLETE);
}

const stopPath = (system: TestSystem, name = 'factor-recovery-pending', address: string = ADDRESS) =>
  newestPath(system, name, address);

async function kindsIn(system: TestSystem): Promise<readonly string[]> {
  const { queries } = reachInside(system, 'no page shows it to a user who is not signed in').core.database;
  return (await queries.selectFrom('second_factors').select('kind').execute()).map(({ kind }) => kind);
}

onEveryDatabase('a sign-in of a user who has lost the second factor', (engine) => {
  it('A37 V6.4.4 waits for as long as is set, with the password at both ends, and removes the factors then', async () => {
    await using started = await startWithApp(engine);
    const { system, ada } = started;
    const asking = await upToFactor(system);
    assert.match((await asking.get(FACTOR_STEP)).headers.get('location') ?? '', /^\/login\/authenticator/);
    assert.match((await asking.get(LOST)).body, /Start waiting/);
    assert.match((await press(asking, REQUEST)).location ?? '', /^\/login\/lost-factor\?flow=/);
    assert.match((await asking.get(LOST)).body, /8 Jan 2026|Jan 8, 2026/);
    assert.equal((await press(asking, COMPLETE)).status, 409);
    assert.equal(await isSignedIn(asking), false);
    assert.equal(await isSignedIn(ada), true, 'until then nothing changes for the owner');
    system.clock.advance(DELAY - MINUTE);
    assert.equal((await complete(system)).status, 409);
    assert.deepEqual((await kindsIn(system)).toSorted(), ['recovery-codes', 'totp']);
    system.clock.advance(MINUTE);
    const returning = await upToFactor(system);
    assert.match((await returning.get(LOST)).body, /Remove them and sign in/);
    assert.equal(await isSignedIn(returning), false);
    const answer = await press(returning, COMPLETE);
    assert.deepEqual([answer.status, answer.location], [303, SECURITY]);
    assert.match((await returning.get(SECURITY)).body, /Set up a new one now/);
    assert.deepEqual(await kindsIn(system), []);
    assert.equal(await isSignedIn(ada), false);
    assert.equal(eventsOf(system, 'second-factors-recovered').length, 1);
    assert.deepEqual(await recipientsNamed(system, 'second-factor-changed'), [ADDRESS, ADDRESS]);
  });

  it('A37 is undone for three days by the mail about it, like every removal', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    await ask(system);
    system.clock.advance(DELAY);
    const attacker = await upToFactor(system);
    await press(attacker, COMPLETE);
    system.clock.advance(MINUTE);
    await setUpAuthenticator(system, attacker);
    const [, removal = ''] = (await mailsOf(system, 'second-factor-changed')).map(({ text }) =>
      String(/\/undo-second-factor-change\?token=\S+/.exec(text)?.[0]),
    );
    const owner = system.visitor();
    await owner.get(removal);
    assert.equal((await owner.submit(FACTOR_UNDO, {})).status, 303);
    assert.equal(await isSignedIn(attacker), false);
    await openAndReset(owner, await requestResetPath(system), NEW_PASSWORD);
    const back = await upToFactor(system, NEW_PASSWORD);
    nextCode(system);
    assert.equal((await enterFactorCode(back, app.code())).location, '/dashboard');
  });

  it('A37 is stopped by a mail without signing in, which a GET does not do, and once', async () => {
    await using started = await startWithApp(engine);
    const { system } = started;
    await ask(system);
    const path = await stopPath(system);
    const owner = system.visitor();
    await owner.get(path);
    for (let times = 0; times < 3; times += 1) assert.equal((await owner.get(STOP_BY_MAIL)).status, 200);
    assert.match((await (await upToFactor(system)).get(LOST)).body, /You have asked to sign in without it/);
    const csrf = await owner.token(STOP_BY_MAIL);
    assert.equal((await owner.post(STOP_BY_MAIL, { csrf })).location, '/login');
    const other = system.visitor();
    await other.get(path);
    assert.equal((await other.get(STOP_BY_MAIL)).status, 410);
    system.clock.advance(DELAY);
    assert.equal((await complete(system)).status, 409);
    assert.deepEqual(await recipientsNamed(system, 'factor-recovery-stopped'), [ADDRESS]);
  });

  it('A37 is reported on every page of every signed-in device, whose button stops it', async () => {
    await using started = await startWithApp(engine);
    const { system, ada, app } = started;
    const phone = await upToFactor(system);
    await enterFactorCode(phone, app.code());
    await ask(system);
    for (const device of [ada, phone])
      for (const page of ['/dashboard', '/account', SECURITY, '/account/sessions'])
        assert.match((await device.get(page)).body, /says that your second factor is lost[\s\S]*Stop it/);
    assert.equal((await phone.submit(STOP_HERE, {})).location, '/account');
    assert.doesNotMatch((await ada.get('/dashboard')).body, /Stop it/);
    assert.equal((await ada.get(STOP_HERE)).location, '/account');
    const { body } = await ada.get('/account');
    const csrf = String(/name="csrf" value="([^"]+)"/.exec(body)?.[1]);
    assert.equal((await ada.post(STOP_HERE, { csrf })).location, '/account', 'the second button as well');
    system.clock.advance(DELAY);
    assert.equal((await complete(system)).status, 409);
    assert.equal(eventsOf(system, 'factor-recovery-stopped').length, 1);
  });

  it('A37 is stopped by a sign-in that proves the second factor or uses a recovery code', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    const [code = ''] = app.recoveryCodes;
    for (const enter of [
      (visitor: Visitor) => enterFactorCode(visitor, app.code()),
      (visitor: Visitor) => visitor.submit(RECOVERY_STEP, { code }),
    ]) {
      await ask(system);
      const owner = await upToFactor(system);
      nextCode(system);
      assert.equal((await enter(owner)).status, 303);
      assert.doesNotMatch((await owner.get('/account')).body, /Stop it/);
    }
    const device = await upToFactor(system);
    nextCode(system);
    await enterFactorCode(device, app.code());
    const key = authenticatorFor(system);
    await addPasskey(device, key);
    await ask(system);
    assert.equal((await signInWithPasskey(system.visitor(), key)).location, '/dashboard');
    assert.doesNotMatch((await device.get('/account')).body, /Stop it/, 'a passkey has both factors');
    system.clock.advance(DELAY);
    assert.equal((await complete(system)).status, 409);
  });

  it('A37 is neither brought forward nor put off by asking again, and sends no mail for it', async () => {
    await using started = await startWithApp(engine);
    const { system } = started;
    await ask(system);
    for (let day = 1; day < 7; day += 1) {
      system.clock.advance(DAY);
      for (let times = 0; times < 3; times += 1) assert.equal((await ask(system)).status, 303);
    }
    assert.equal((await mailsOf(system, 'factor-recovery-pending')).length, 1);
    system.clock.advance(DAY);
    assert.equal((await complete(system)).location, SECURITY);
  });

  it('A36 is asked for three times in a month', async () => {
    await using started = await startWithApp(engine);
    const { system, ada } = started;
    for (let times = 0; times < 3; times += 1) {
      assert.equal((await press(await waiting(system), REQUEST)).status, 303);
      assert.equal((await ada.submit(STOP_HERE, {})).status, 303);
    }
    assert.equal((await press(await waiting(system), REQUEST)).status, 429);
    assert.equal((await mailsOf(system, 'factor-recovery-pending')).length, 3);
    system.clock.advance(30 * DAY);
    assert.equal((await press(await waiting(system), REQUEST)).status, 303);
  });

  it('A37 notifies every address daily until it expires, also the one of before, once on however many nodes', async () => {
    await using started = await startWithApp(engine);
    const { system, ada, app } = started;
    await changeAddress(system, ada, NEW_ADDRESS);
    system.clock.advance(HOUR);
    await ask(system);
    const notified: string[][] = [];
    const { queries } = reachInside(system, 'the mailbox forgets mails after a week').core.database;
    for (let hours = 0; hours < 24 * 15; hours += 6) {
      const recipients = await Promise.all(
        ['factor-recovery-pending', 'factor-recovery-due'].map((name) => recipientsNamed(system, name)),
      );
      await queries.deleteFrom('mail_outbox').execute();
      if (recipients.flat().length > 0) notified.push(recipients.flat().toSorted());
      system.clock.advance(6 * HOUR);
      await deleteExpired(system);
      await deleteExpired(system);
    }
    // The change of the address is three days old on the third day.
    const both = [ADDRESS, NEW_ADDRESS];
    assert.deepEqual(notified, [both, both, both, ...Array(11).fill([NEW_ADDRESS])]);
    assert.equal((await complete(system)).status, 409, 'it has expired');
    assert.deepEqual(await queries.selectFrom('factor_recoveries').selectAll().execute(), []);
    assert.equal(app.recoveryCodes.length, 10);
  });

  it('A11 is voided by another password', async () => {
    await using started = await startWithApp(engine);
    const { system, app } = started;
    await ask(system);
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    system.clock.advance(DELAY);
    const visitor = await upToFactor(system, NEW_PASSWORD);
    assert.doesNotMatch((await visitor.get(LOST)).body, /<button[^>]*>(?:Start|Remove)/);
    assert.equal((await press(visitor, COMPLETE)).status, 409);
    assert.equal((await press(visitor, REQUEST)).status, 409, 'a mail has set this password');
    await deleteExpired(system);
    assert.equal((await mailsOf(system, 'factor-recovery-due')).length, 0);
    nextCode(system);
    assert.equal((await enterFactorCode(visitor, app.code())).location, '/dashboard');
    assert.equal((await press(await upToFactor(system, NEW_PASSWORD), REQUEST)).status, 303, 'now it counts');
  });

  it('A37 needs a password that was given together with the factor, whatever else the factor was used with', async () => {
    await using started = await startWithApp(engine, { ...DELAYED, magicLink: 'on' });
    const { system, app } = started;
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    system.clock.advance(MINUTE);
    const owner = system.visitor();
    await requestLink(system, owner, ADA.username);
    await owner.submit(SENT, { code: (await newestLink(system)).code });
    assert.equal((await enterFactorCode(owner, app.code())).location, '/dashboard');
    assert.equal((await press(await upToFactor(system, NEW_PASSWORD), REQUEST)).status, 409);
    assert.equal((await mailsOf(system, 'factor-recovery-pending')).length, 0);
  });

  it('A37 needs that also where a factor was added after the mail, in a session without the password', async () => {
    await using started = await startWithApp(engine);
    const { system, ada } = started;
    const key = authenticatorFor(system);
    await addPasskey(ada, key);
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    system.clock.advance(MINUTE);
    const owner = system.visitor();
    await signInWithPasskey(owner, key);
    assert.equal((await addPasskey(owner, authenticatorFor(system))).location, PASSKEYS);
    assert.equal((await press(await upToFactor(system, NEW_PASSWORD), REQUEST)).status, 409);
  });

  it('A12 is voided when the account is disabled, and does not come back with it', async () => {
    await using started = await startWithApp(engine);
    const { system } = started;
    await ask(system);
    await disableAccount(system, ADA.username);
    system.clock.advance(DAY);
    await deleteExpired(system);
    const { lifecycle } = reachInside(system, 'operators enable accounts, and have no pages').core;
    await lifecycle.enable(await existingAccountId(system, ADA.username));
    assert.equal((await mailsOf(system, 'factor-recovery-pending')).length, 1);
    system.clock.advance(DELAY);
    assert.equal((await complete(system)).status, 409);
  });
});

/** The same as `upToFactor`, with the counters as they are. */
async function waiting(system: TestSystem): Promise<Visitor> {
  const visitor = system.visitor();
  assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, FACTOR_STEP);
  return visitor;
}

describe('waiting for a sign-in without the second factor', () => {
  it('A37 is not offered after a mailed link, whatever was proven before', async () => {
    await using started = await startWithApp(undefined, { ...DELAYED, magicLink: 'on' });
    const { system } = started;
    const visitor = system.visitor();
    await requestLink(system, visitor, ADA.username);
    const { code } = await newestLink(system);
    assert.equal((await visitor.submit(SENT, { code })).location, FACTOR_STEP);
    assert.match((await visitor.get(LOST)).body, /Contact its operator/);
    assert.equal((await press(visitor, REQUEST)).status, 409);
    await ask(system);
    system.clock.advance(DELAY);
    const later = system.visitor();
    await requestLink(system, later, ADA.username);
    await later.submit(SENT, { code: (await newestLink(system)).code });
    assert.equal((await press(later, COMPLETE)).status, 409);
    assert.deepEqual((await kindsIn(system)).toSorted(), ['recovery-codes', 'totp']);
  });

  it('is not offered by default, nor to an account without a confirmed address', async () => {
    await using standard = await startWithApp(undefined, { email: 'required' });
    const visitor = await upToFactor(standard.system);
    assert.match((await visitor.get(LOST)).body, /Contact its operator/);
    assert.equal((await press(visitor, REQUEST)).status, 409);
    await using system = await startSystem({ ...DELAYED, email: 'optional' });
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    await setUpAuthenticator(system, ada);
    assert.equal((await ask(system)).status, 409);
  });

  it('A37 needs a pending sign-in, and shows nothing without one', async () => {
    await using started = await startWithApp();
    const { system, ada } = started;
    assert.equal((await system.visitor().get(LOST)).location, '/login');
    assert.equal((await ada.get(LOST)).location, '/login');
    const client = system.visitor();
    for (const path of [LOST, REQUEST, COMPLETE])
      assert.deepEqual(reasonsOf(await client.postJson(`/api${path}`, {})), ['no-pending-sign-in']);
    assert.equal((await client.postJson(`/api${STOP_HERE}`, {})).status, 401);
  });

  it('works for API clients', async () => {
    await using started = await startWithApp();
    const { system, ada } = started;
    const client = system.visitor();
    const { flow } = JSON.parse((await client.postJson('/api/login', ADA)).body);
    const asked = JSON.parse((await client.postJson(`/api${REQUEST}`, { flow })).body);
    assert.equal(Date.parse(asked.dueAt), system.clock.read() + DELAY);
    assert.deepEqual(reasonsOf(await client.postJson(`/api${COMPLETE}`, { flow })), ['not-possible']);
    system.clock.advance(DELAY);
    const again = JSON.parse((await client.postJson('/api/login', ADA)).body);
    const done = await client.postJson(`/api${COMPLETE}`, { flow: again.flow });
    assert.equal(JSON.parse(done.body).state, 'signed-in');
    assert.equal(await isSignedIn(client), true);
    assert.equal(await isSignedIn(ada), false);
  });

  it('A37 is shown to the operator, and void once the operator has removed the factors', async () => {
    await using started = await startWithApp();
    const { system } = started;
    const shown = async () => {
      const [result] = await runCommandsOn(system, [['user', 'factors', ADA.username]]);
      return String(result?.stdout);
    };
    assert.doesNotMatch(await shown(), /recovery without/);
    // Commands have the time of the machine.
    system.clock.advance(Date.now() - system.clock.read());
    await ask(system);
    assert.match(await shown(), /A recovery without them was requested 20\d\d-/);
    await runCommandsOn(system, [['user', 'reset-factors', ADA.username, '--reason', 'seen in person']]);
    assert.doesNotMatch(await shown(), /recovery without/);
    const owner = system.visitor();
    await owner.get(await stopPath(system));
    assert.equal((await owner.get(STOP_BY_MAIL)).status, 410);
  });

  it('A11 is void once the factors were changed', async () => {
    await using started = await startWithApp();
    const { system, ada } = started;
    await ask(system);
    assert.equal((await ada.submit(AUTHENTICATOR, { remove: 'on' })).location, SECURITY);
    assert.doesNotMatch((await ada.get(SECURITY)).body, /Stop it/);
  });
});

describe('a password and an identity provider', () => {
  /** Ada with an app and a connected provider, whose sign-ins say when she has authenticated there. */
  async function startWithProvider() {
    const provider = await startTwinProvider();
    const started = await startWithApp(undefined, acme(provider, { email: 'required' }));
    const { system, ada } = started;
    const profile = { sub: 'ada-there' };
    const authenticated = (ago = 0) => {
      provider.profile = { ...profile, auth_time: Math.floor((system.clock.read() - ago) / 1_000) };
    };
    authenticated();
    await connectProvider(ada, provider);
    const upToFactorThere = async (): Promise<Visitor> => {
      const visitor = system.visitor();
      const back = await returnFromProvider(visitor, provider.signIn(await goToProvider(visitor)));
      assert.equal(back.location, FACTOR_STEP);
      return visitor;
    };
    const close = async () => {
      await started[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    };
    return { ...started, provider, authenticated, upToFactorThere, [Symbol.asyncDispose]: close };
  }

  it('A37 V6.4.4 are two proofs that replace a lost factor at once', async () => {
    await using started = await startWithProvider();
    const { system, ada, authenticated, upToFactorThere } = started;
    const withPassword = await upToFactor(system);
    assert.match((await withPassword.get(LOST)).body, /account at Acme/);
    assert.equal((await withPassword.submit(LOST, { password: ADA.password })).status, 409);
    authenticated();
    const visitor = await upToFactorThere();
    assert.match((await visitor.get(LOST)).body, /name="password"/);
    assert.equal((await visitor.submit(LOST, { password: '' })).status, 422);
    assert.equal((await visitor.submit(LOST, { password: 'not the right password' })).status, 401);
    assert.equal(await isSignedIn(visitor), false);
    assert.equal((await visitor.submit(LOST, { password: ADA.password })).location, SECURITY);
    assert.equal(await isSignedIn(visitor), true);
    assert.equal(await isSignedIn(ada), false);
    assert.deepEqual(await kindsIn(system), []);
    assert.match(await factorUndoPath(system), /^\/undo-second-factor-change/);
  });

  it('A37 are one proof where a mail has set the password, which the provider may hold', async () => {
    await using started = await startWithProvider();
    const { system, authenticated, upToFactorThere } = started;
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    const { queries } = reachInside(system, 'the page of a reset asks which connections stay').core.database;
    if ((await queries.selectFrom('external_identities').selectAll().execute()).length === 0) return;
    authenticated();
    const visitor = await upToFactorThere();
    assert.doesNotMatch((await visitor.get(LOST)).body, /name="password"/);
    assert.deepEqual((await kindsIn(system)).toSorted(), ['recovery-codes', 'totp']);
  });

  it('A70 V6.8.4 are one proof where the provider has not just asked the user', async () => {
    await using started = await startWithProvider();
    const { system, authenticated, upToFactorThere } = started;
    authenticated(HOUR);
    const visitor = await upToFactorThere();
    assert.match((await visitor.get(LOST)).body, /without asking you who you are/);
    const csrf = await visitor.token(LOST);
    assert.equal((await visitor.post(LOST, { csrf, password: ADA.password })).status, 409);
    assert.deepEqual((await kindsIn(system)).toSorted(), ['recovery-codes', 'totp']);
  });

  it('A36 are limited in wrong passwords as a sign-in is', async () => {
    await using started = await startWithProvider();
    const { authenticated, upToFactorThere } = started;
    authenticated();
    const visitor = await upToFactorThere();
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1)
      statuses.push((await visitor.submit(LOST, { password: `wrong ${tries} of many words` })).status);
    assert.deepEqual(statuses, [...Array(10).fill(401), 429]);
  });
});
