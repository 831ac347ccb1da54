import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { it } from 'node:test';
import {
  isPasswordAccepted,
  isPasswordFlagged,
  LISTED_PASSWORD,
  NEW_PASSWORD_STEP,
  type RangeApi,
  setPassword,
  sha1,
  startRangeApi,
} from '../kit/breached-passwords.ts';
import { until } from '../kit/clock.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import { startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, NEW_PASSWORD, newestFlow, SESSION, type Visitor, WRONG_PASSWORD } from '../kit/visitor.ts';

const OTHER_PASSWORD = 'eleven candles in the attic';

/** A system that uses a breach service of this machine, with an account for Ada. */
async function startWithService(engine: Engine) {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startRangeApi());
  const options = { breachedPasswords: 'hibp', hibpUrl: api.url.href, logLevel: 'debug' };
  const system = stack.use(await startSystem(options, engine));
  await system.visitor().register(ADA.username, ADA.password);
  const kept = stack.move();
  return { api, system, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Ada's password leaks; she signs in once more, and the service responds only after that. */
async function leaked({ api, system }: { api: RangeApi; system: TestSystem }): Promise<Visitor> {
  api.known.add(ADA.password);
  const held = Promise.withResolvers<ServerResponse>();
  api.answer = held.resolve;
  const ada = system.visitor();
  assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard', 'nobody waits for it');
  const response = await held.promise;
  api.answer = null;
  response.end(`${sha1(ADA.password).slice(5)}:3`);
  await until('the password is marked', () => isPasswordFlagged(system));
  return ada;
}

onEveryDatabase('a password on the list of common and breached passwords', (engine) => {
  it('A37: must be changed before the sign-in continues, and every other session ends', async () => {
    await using system = await startSystem({}, engine);
    const thief = system.visitor();
    await thief.register(ADA.username, ADA.password);
    await thief.signIn(ADA.username, ADA.password);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    const ada = system.visitor();
    const fields = { username: ADA.username, password: LISTED_PASSWORD, next: '/account?a=b' };
    assert.equal((await ada.submit('/login', fields)).location, NEW_PASSWORD_STEP);
    assert.equal(ada.cookies.has(SESSION), false);
    assert.match((await ada.get(NEW_PASSWORD_STEP)).body, /known from a data leak/);

    const answer = await ada.submit(NEW_PASSWORD_STEP, { 'new-password': NEW_PASSWORD });
    assert.deepEqual([answer.status, answer.location], [303, '/account?a=b']);
    assert.match((await ada.get('/account')).body, /Your password was changed/);
    assert.equal((await thief.get('/api/session')).status, 401, 'A11');
    assert.deepEqual(
      [await isPasswordAccepted(system, LISTED_PASSWORD), await isPasswordAccepted(system, NEW_PASSWORD)],
      [false, true],
    );
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    assert.equal(system.events.filter(({ type }) => type === 'password-changed').length, 1);
  });

  it('A37: is replaced over JSON by the same rules, and only in the browser of the pending sign-in', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    const [ada, other] = [system.visitor(), system.visitor()];
    const signIn = await ada.postJson('/api/login', { username: ADA.username, password: LISTED_PASSWORD });
    const { flow, ...waiting } = JSON.parse(signIn.body);
    assert.deepEqual(waiting, { next: NEW_PASSWORD_STEP, messages: [], state: 'step', step: 'new-password' });
    const replace = async (visitor: Visitor, fields: object) => {
      const answer = await visitor.postJson(`/api${NEW_PASSWORD_STEP}`, fields);
      const body = JSON.parse(answer.body);
      return [answer.status, body.problems?.[0].reason ?? body.state];
    };
    const newPassword = NEW_PASSWORD;
    assert.deepEqual(await replace(other, { flow, newPassword }), [409, 'no-pending-sign-in']);
    assert.deepEqual(await replace(ada, { newPassword }), [409, 'no-pending-sign-in'], 'A61');
    assert.deepEqual(await replace(ada, { flow, newPassword: 'short' }), [422, 'password-too-short']);
    const listed = { flow, newPassword: LISTED_PASSWORD };
    assert.deepEqual(await replace(ada, listed), [422, 'password-common']);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.deepEqual(await replace(ada, { flow, newPassword }), [200, 'signed-in']);
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.deepEqual(await replace(ada, { flow, newPassword }), [409, 'no-pending-sign-in'], 'A15');
  });
});

onEveryDatabase('a password checked by the breach service', (engine) => {
  it('is refused at registration and at a password change when it is listed, with the reason', async () => {
    await using started = await startWithService(engine);
    const { api, system } = started;
    api.known.add(NEW_PASSWORD);
    const words = /lists of common and stolen passwords/;
    const refused = await system.visitor().register('Ben', NEW_PASSWORD);
    assert.equal(refused.status, 422);
    assert.match(refused.body, words);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    const change = await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    assert.equal(change.status, 422);
    assert.match(change.body, words);
  });

  it('does not stop the sign-in that finds it breached, even while the service hangs, but stops the next one', async () => {
    await using started = await startWithService(engine);
    const { system } = started;
    const ada = await leaked(started);
    assert.equal((await ada.get('/api/session')).status, 200);
    const again = system.visitor();
    assert.equal((await again.signIn(ADA.username, ADA.password)).location, NEW_PASSWORD_STEP);
    assert.equal(
      (await again.submit(NEW_PASSWORD_STEP, { 'new-password': NEW_PASSWORD })).location,
      '/dashboard',
    );
    assert.equal(await isPasswordFlagged(system), false);
    assert.equal((await ada.get('/api/session')).status, 401, 'A11: the session from before is over');
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
  });

  it('is replaced only by a different, acceptable password once it is found breached', async () => {
    await using started = await startWithService(engine);
    const { api, system } = started;
    await leaked(started);
    api.known.add(OTHER_PASSWORD);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    for (const isAway of [false, true]) {
      api.answer = isAway ? (response) => void response.destroy() : null;
      const tried = ['', 'short', LISTED_PASSWORD, ADA.password, ...(isAway ? [] : [OTHER_PASSWORD])];
      for (const password of tried) {
        const answer = await ada.submit(NEW_PASSWORD_STEP, { 'new-password': password });
        assert.equal(answer.status, 422, password);
        assert.match(answer.body, /class="problem"/);
        assert.ok(password.length < 6 || !answer.body.includes(password));
      }
    }
    assert.equal(
      (await ada.submit(NEW_PASSWORD_STEP, { 'new-password': `${NEW_PASSWORD} ` })).location,
      '/dashboard',
    );
    assert.match((await ada.get('/dashboard')).body, /Your new password begins or ends with a space/);
  });

  it('A02: is looked up only after a sign-in with the right password', async () => {
    await using started = await startWithService(engine);
    const { api, system } = started;
    const before = api.requests.length;
    await system.visitor().signIn(ADA.username, WRONG_PASSWORD);
    await system.visitor().signIn('nobody', ADA.password);
    assert.equal(api.requests.length, before);
  });

  it('A58: is accepted while the service is unavailable', async () => {
    await using started = await startWithService(engine);
    const { api, system } = started;
    api.answer = (response) => void response.destroy();
    const ben = system.visitor();
    assert.equal((await ben.register('Ben', OTHER_PASSWORD)).status, 303);
    assert.equal((await ben.signIn('Ben', OTHER_PASSWORD)).location, '/dashboard');
    assert.ok(system.events.some(({ type }) => type === 'breach-check-failed'));
  });

  it('A56: is never logged, nor is its hash or the token of the pending sign-in', async () => {
    await using started = await startWithService(engine);
    const { api, system } = started;
    await leaked(started);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    const pending = String(newestFlow(ada, 'pending'));
    api.answer = (response) => void response.destroy();
    await ada.submit(NEW_PASSWORD_STEP, { 'new-password': NEW_PASSWORD });
    const log = system.logLines.join('');
    for (const password of [ADA.password, NEW_PASSWORD])
      for (const secret of [password, sha1(password).slice(0, 5), sha1(password).slice(5)])
        assert.equal(log.toUpperCase().includes(secret.toUpperCase()), false, secret);
    assert.equal(log.includes(pending), false);
    assert.match(log, /breach-check-failed/);
  });
});
