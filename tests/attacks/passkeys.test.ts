import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { OPTIONAL, registerAda } from '../kit/mailed-links.ts';
import {
  addPasskey,
  authenticatorFor,
  optionsFor,
  PASSKEY_CONFIRM,
  PASSKEY_SETUP,
  PASSKEY_SIGN_IN,
  PASSKEY_STEP,
  PASSKEYS,
  registerWithPasskey,
  signInWithPasskey,
  usePasskeyOn,
} from '../kit/passkeys.ts';
import {
  FACTOR_SETUP,
  FACTOR_STEP,
  RECOVERY_CODES,
  RECOVERY_STEP,
  registerWithAuthenticator,
  SECURITY,
} from '../kit/second-factors.ts';
import {
  disableAccount,
  eventsOf,
  existingAccountId,
  reachInside,
  startSystem,
  usersOf,
} from '../kit/system.ts';
import { ADA, BEN, isSignedIn, pathTo, reasonsOf, signInAs, tokenIn } from '../kit/visitor.ts';

const WITHOUT_PASSWORD = '/account/without-password';

const idIn = ({ body }: { readonly body: string }) => /name="passkey" value="([\w-]+)"/.exec(body)?.[1] ?? '';

const sessionOf = async (visitor: { get: (path: string) => Promise<{ body: string }> }) =>
  JSON.parse((await visitor.get('/api/session')).body);

describe('a passkey', () => {
  it('signs in without a password, as two factors, and comes with recovery codes', async () => {
    await using system = await startSystem();
    const { authenticator, recoveryCodes } = await registerWithPasskey(system);
    assert.equal(recoveryCodes.length, 10);
    const browser = system.visitor();
    const answer = await signInWithPasskey(browser, authenticator);
    assert.deepEqual([answer.status, answer.location], [303, '/dashboard']);
    const { session } = await sessionOf(browser);
    assert.deepEqual([session.aal, session.secondFactor], [2, 'passkey']);
    assert.match((await browser.get('/dashboard')).body, /a passkey/);
    const overview = (await browser.get(SECURITY)).body;
    assert.match(overview, /protected by two factors/);
    assert.match(overview, /nothing else that you should do/);
  });

  it('is asked for after the password from then on, or a recovery code instead', async () => {
    await using system = await startSystem();
    const { authenticator, recoveryCodes } = await registerWithPasskey(system);
    const browser = system.visitor();
    assert.equal(pathTo(await browser.signIn(ADA.username, ADA.password)), FACTOR_STEP);
    assert.equal(await isSignedIn(browser), false);
    const step = await browser.get(FACTOR_STEP);
    assert.equal(pathTo(step), PASSKEY_STEP);
    const page = await browser.get(String(step.location));
    assert.match(page.body, /Use this instead: Recovery codes/);
    const answer = await usePasskeyOn(browser, { page: PASSKEY_STEP }, authenticator.get);
    assert.equal(answer.location, '/dashboard');
    assert.equal((await sessionOf(browser)).session.secondFactor, 'passkey');
    const other = system.visitor();
    await other.signIn(ADA.username, ADA.password);
    assert.equal((await other.submit(RECOVERY_STEP, { code: String(recoveryCodes[0]) })).location, SECURITY);
  });

  it('A38 authenticates again for a sensitive action, and so does no passkey of another user', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password);
    await ben.signIn(BEN.username, BEN.password);
    const others = authenticatorFor(system);
    await addPasskey(ben, others);
    const ada = system.visitor();
    await signInWithPasskey(ada, authenticator);
    system.clock.advance(11 * MINUTE);
    assert.equal(pathTo(await ada.get(PASSKEYS)), '/account/confirm');
    const confirm = await ada.get('/account/confirm?next=%2Faccount%2Fpasskeys');
    assert.match(confirm.body, /Continue with a passkey/);
    // Ben's authenticator signs the challenge of Ada.
    const foreign = await optionsFor(ada, PASSKEY_CONFIRM);
    const credential = JSON.stringify(others.get({ ...foreign, allowCredentials: [] }));
    const refused = await ada.submit(PASSKEY_CONFIRM, { credential });
    assert.equal(refused.status, 401);
    assert.equal(pathTo(await ada.get(PASSKEYS)), '/account/confirm');
    const done = await usePasskeyOn(ada, { page: PASSKEY_CONFIRM }, authenticator.get);
    assert.equal(done.status, 303);
    assert.equal((await ada.get(PASSKEYS)).status, 200);
  });

  it('has the name of its authenticator, and another one by request', async () => {
    await using system = await startSystem();
    const aaguid = 'd548826e-79b4-db40-a3d8-11116f7e8349';
    const { visitor } = await registerWithPasskey(system, { aaguid });
    const page = await visitor.get(PASSKEYS);
    assert.match(page.body, /<bdi>Bitwarden<\/bdi>/);
    assert.match(page.body, /Synchronised/);
    const csrf = tokenIn(page.body);
    const answer = await visitor.post(PASSKEYS, {
      csrf,
      passkey: idIn(page),
      name: ' Phone <1> ',
    });
    assert.deepEqual([answer.status, answer.location], [303, PASSKEYS]);
    assert.match((await visitor.get(PASSKEYS)).body, /<bdi>Phone &lt;1&gt;<\/bdi>/);
    for (const name of ['', 'x'.repeat(61)]) {
      const wrong = await visitor.post(PASSKEYS, { csrf, passkey: idIn(page), name });
      assert.equal(wrong.status, 422);
    }
    assert.equal(eventsOf(system, 'passkey-renamed').length, 1);
  });

  it('A11 A12 V6.5.6 no longer signs in once it is removed, and ends the other sessions', async () => {
    await using system = await startSystem();
    const { visitor, authenticator } = await registerWithPasskey(system);
    const other = system.visitor();
    await signInWithPasskey(other, authenticator);
    const page = await visitor.get(PASSKEYS);
    const csrf = tokenIn(page.body);
    const removed = await visitor.post(PASSKEYS, { csrf, passkey: idIn(page), remove: 'on' });
    assert.equal(removed.location, PASSKEYS);
    assert.equal(await isSignedIn(other), false);
    assert.ok(await isSignedIn(visitor));
    const answer = await signInWithPasskey(other, authenticator);
    assert.equal(answer.status, 401);
    assert.match(answer.body, /data-passkey-signal="signalUnknownCredential"/);
    // The recovery codes went with the last factor, and a password is enough again.
    assert.equal((await other.signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.equal(pathTo(await other.get(RECOVERY_CODES)), SECURITY);
  });

  it('A12 does not sign in to a disabled account, and says no more than for any other passkey', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    await disableAccount(system, ADA.username);
    const answer = await signInWithPasskey(system.visitor(), authenticator);
    assert.equal(answer.status, 401);
    assert.match(answer.body, /could not be verified/);
  });

  it('A37 of an account with an authenticator app is enough, because it is two factors in one', async () => {
    await using system = await startSystem();
    const { visitor } = await registerWithAuthenticator(system);
    const authenticator = authenticatorFor(system);
    assert.equal((await addPasskey(visitor, authenticator)).location, PASSKEYS, 'there are codes already');
    const browser = system.visitor();
    assert.equal((await signInWithPasskey(browser, authenticator)).location, '/dashboard');
  });

  it('A20 cannot be added before the address is confirmed', async () => {
    await using system = await startSystem(OPTIONAL);
    const ada = await registerAda(system);
    await signInAs(ada);
    assert.equal(pathTo(await ada.get(SECURITY)), null);
    const answer = await ada.postJson(`/api${PASSKEYS}`, {});
    assert.deepEqual(reasonsOf(answer), ['address-unconfirmed']);
  });

  it('is created and used by API clients, which get the options as JSON', async () => {
    await using system = await startSystem();
    const client = system.visitor();
    await client.register(ADA.username, ADA.password);
    await signInAs(client);
    const authenticator = authenticatorFor(system);
    const { options } = JSON.parse((await client.postJson(`/api${PASSKEYS}`, {})).body);
    assert.equal(options.authenticatorSelection.userVerification, 'required');
    const credential = JSON.stringify(authenticator.create(options));
    const added = JSON.parse((await client.postJson(`/api${PASSKEYS}`, { credential })).body);
    assert.equal(added.recoveryCodes.length, 10);
    const app = system.visitor();
    const asked = JSON.parse((await app.postJson(`/api${PASSKEY_SIGN_IN}`, {})).body);
    const signed = JSON.stringify(authenticator.get(asked.options));
    const signedIn = await app.postJson(`/api${PASSKEY_SIGN_IN}`, { credential: signed });
    assert.equal(JSON.parse(signedIn.body).state, 'signed-in');
    assert.ok(await isSignedIn(app));
    const waiting = system.visitor();
    const { flow } = JSON.parse((await waiting.postJson('/api/login', ADA)).body);
    const step = JSON.parse((await waiting.postJson(`/api${PASSKEY_STEP}`, { flow })).body);
    assert.equal(step.options.allowCredentials.length, 1);
    const proof = JSON.stringify(authenticator.get(step.options));
    const proven = await waiting.postJson(`/api${PASSKEY_STEP}`, { flow, credential: proof });
    assert.equal(JSON.parse(proven.body).state, 'signed-in');
  });

  it('is enough without a password once there are two, and the last one then has to stay', async () => {
    await using system = await startSystem({ email: 'off' });
    const { visitor, authenticator } = await registerWithPasskey(system);
    assert.match((await visitor.get(WITHOUT_PASSWORD)).body, /has to stay: without it/);
    const early = await visitor.postJson(`/api${WITHOUT_PASSWORD}`, {});
    assert.deepEqual(reasonsOf(early), ['password-needed']);
    const second = authenticatorFor(system);
    await addPasskey(visitor, second);
    assert.equal((await visitor.submit(WITHOUT_PASSWORD, {})).location, PASSKEYS);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    const browser = system.visitor();
    assert.equal((await signInWithPasskey(browser, authenticator)).location, '/dashboard');
    assert.equal(eventsOf(system, 'password-removed').length, 1);
    const page = await browser.get(PASSKEYS);
    assert.doesNotMatch(page.body, /without-password/);
    const remove = (id: string, csrf: string) => browser.post(PASSKEYS, { csrf, passkey: id, remove: 'on' });
    assert.equal((await remove(idIn(page), tokenIn(page.body))).location, PASSKEYS);
    const left = await browser.get(PASSKEYS);
    const kept = await remove(idIn(left), tokenIn(left.body));
    assert.equal(kept.status, 409);
    assert.match(kept.body, /your only sign-in method/);
    // The password can be set again.
    const set = await browser.submit('/account/password', { 'new-password': ADA.password });
    assert.equal(set.location, '/account');
  });

  it('is offered on the dashboard after a password, until there is one or the user declines', async () => {
    await using system = await startSystem();
    const offer = /Sign in faster next time/;
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    assert.match((await ada.get('/dashboard')).body, offer);
    assert.doesNotMatch((await ada.get('/account')).body, offer);
    const { location } = await ada.post('/account/passkeys/offer', { csrf: await ada.token('/dashboard') });
    assert.equal(location, '/dashboard');
    assert.doesNotMatch((await ada.get('/dashboard')).body, offer);
    const other = system.visitor();
    await other.signIn(ADA.username, ADA.password);
    assert.match((await other.get('/dashboard')).body, offer, 'another browser may have one');
    await addPasskey(other, authenticatorFor(system));
    assert.doesNotMatch((await other.get('/dashboard')).body, offer);
  });

  it('A37 is created in a sign-in that requires a second factor, by the page and by JSON', async () => {
    await using system = await startSystem({ mfa: 'required', mfaGrace: '0s' });
    const visitor = system.visitor();
    await visitor.register(ADA.username, ADA.password);
    assert.equal(pathTo(await visitor.signIn(ADA.username, ADA.password)), FACTOR_SETUP);
    const choice = await visitor.get(FACTOR_SETUP);
    assert.match(choice.body, /\/login\/passkey-setup/);
    assert.match(choice.body, /\/login\/authenticator-setup/);
    const authenticator = authenticatorFor(system);
    const created = await usePasskeyOn(visitor, { page: PASSKEY_SETUP }, authenticator.create);
    assert.equal(pathTo(created), '/login/recovery-codes');
    assert.equal(await isSignedIn(visitor), false, 'the codes come first');
    assert.equal((await visitor.submit('/login/recovery-codes', {})).location, '/dashboard');
    assert.deepEqual((await sessionOf(visitor)).session.aal, 2);
    assert.equal((await signInWithPasskey(system.visitor(), authenticator)).location, '/dashboard');
    const client = system.visitor();
    await client.register(BEN.username, BEN.password);
    const { flow } = JSON.parse((await client.postJson('/api/login', BEN)).body);
    const { options } = JSON.parse((await client.postJson(`/api${PASSKEY_SETUP}`, { flow })).body);
    const credential = JSON.stringify(authenticatorFor(system).create(options));
    const answer = await client.postJson(`/api${PASSKEY_SETUP}`, { flow, credential });
    const { state, recoveryCodes } = JSON.parse(answer.body);
    assert.deepEqual([state, recoveryCodes.length], ['step', 10]);
  });

  it('A11 counts for the gate as long as its own account has it', async () => {
    await using system = await startSystem();
    const { visitor } = await registerWithPasskey(system);
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password);
    const { core } = reachInside(system, 'no request can come between the signature and the gate');
    const method = core.slots().signInRules.methods.find(({ name }) => name === 'passkey');
    const [own, other] = [
      await existingAccountId(system, ADA.username),
      await existingAccountId(system, BEN.username),
    ];
    const page = await visitor.get(PASSKEYS);
    const holds = async () => [
      await method?.stillHolds(own, idIn(page)),
      await method?.stillHolds(other, idIn(page)),
    ];
    assert.deepEqual(await holds(), [true, false]);
    await visitor.post(PASSKEYS, { csrf: tokenIn(page.body), passkey: idIn(page), remove: 'on' });
    assert.deepEqual(await holds(), [false, false]);
  });

  it('A38 is counted among the factors that an operator resets', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    const id = await existingAccountId(system, ADA.username);
    const users = usersOf(system);
    assert.ok((await users.resetFactors(id, { by: 'a test', reason: 'lost' })).ok);
    assert.equal((await signInWithPasskey(system.visitor(), authenticator)).status, 401);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
  });
});

describe('the ceremony of passkeys', () => {
  it('A41 V6.7.2 refuses a response that is sent again, in the same and in another browser', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    const browser = system.visitor();
    const page = await browser.get('/login');
    const credential = JSON.stringify(authenticator.get(await optionsFor(browser, PASSKEY_SIGN_IN)));
    const attacker = system.visitor();
    const stolen = await attacker.submit(PASSKEY_SIGN_IN, { credential });
    assert.equal(stolen.status, 409, 'the challenge is of another browser');
    const first = await browser.post(PASSKEY_SIGN_IN, { csrf: tokenIn(page.body), credential });
    assert.equal(first.location, '/dashboard');
    await browser.signOut();
    assert.equal((await browser.submit(PASSKEY_SIGN_IN, { credential })).status, 409);
    assert.equal(await isSignedIn(browser), false);
  });

  it('A41 refuses a challenge of another ceremony, account or time', async () => {
    await using system = await startSystem();
    const { visitor, authenticator } = await registerWithPasskey(system);
    const browser = system.visitor();
    await browser.signIn(ADA.username, ADA.password);
    const forSignIn = await optionsFor(browser, PASSKEY_SIGN_IN);
    const wrongCeremony = JSON.stringify(authenticator.get(forSignIn));
    assert.equal((await browser.submit(PASSKEY_STEP, { credential: wrongCeremony })).status, 409);
    const forConfirm = await optionsFor(visitor, PASSKEY_CONFIRM);
    const asCreation = JSON.stringify(authenticatorFor(system).create(creationFrom(forConfirm)));
    assert.equal((await visitor.submit(PASSKEYS, { credential: asCreation })).status, 409);
    const late = await optionsFor(browser, PASSKEY_SIGN_IN);
    const credential = JSON.stringify(authenticator.get(late));
    system.clock.advance(10 * MINUTE);
    const answer = await browser.submit(PASSKEY_SIGN_IN, { credential });
    assert.equal(answer.status, 409);
  });

  it('A41 refuses a challenge that was not made here', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    for (const challenge of ['', 'AAAA', Buffer.alloc(80).toString('base64url')]) {
      const forge = (options: unknown) => authenticator.get({ ...Object(options), challenge });
      const page = { page: '/login', action: PASSKEY_SIGN_IN };
      assert.equal((await usePasskeyOn(system.visitor(), page, forge)).status, 409);
    }
  });

  it('A41 V6.5.7 refuses another origin, another site and a missing user verification', async () => {
    await using system = await startSystem();
    const { visitor, authenticator } = await registerWithPasskey(system);
    const signIn = { page: '/login', action: PASSKEY_SIGN_IN };
    const phished = await usePasskeyOn(system.visitor(), signIn, (options) =>
      authenticator.get(options, { origin: 'https://evil.example' }),
    );
    assert.equal(phished.status, 401);
    const unverified = await usePasskeyOn(system.visitor(), signIn, (options) =>
      authenticator.get(options, { isUserVerified: false }),
    );
    assert.equal(unverified.status, 401);
    assert.match(unverified.body, /has not checked that it is you/);
    const key = authenticatorFor(system);
    const wrong = [
      (options: unknown) => key.create(options, { origin: 'https://evil.example' }),
      (options: unknown) => key.create(options, { isUserVerified: false }),
      (options: unknown) => key.create({ ...Object(options), rp: { id: 'evil.example' } }),
    ];
    for (const create of wrong) {
      const answer = await usePasskeyOn(visitor, { page: PASSKEYS }, create);
      assert.equal(answer.status, 401);
    }
    assert.equal((await visitor.get(PASSKEYS)).body.match(/name="remove"/g)?.length, 1);
  });

  it('A41 refuses a changed signature, and what is no response at all', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    const signIn = { page: '/login', action: PASSKEY_SIGN_IN };
    const changed = await usePasskeyOn(system.visitor(), signIn, (options) => {
      const { response, ...rest } = authenticator.get(options);
      const signature = Buffer.from(String(response['signature']), 'base64url');
      signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
      return { ...rest, response: { ...response, signature: signature.toString('base64url') } };
    });
    assert.equal(changed.status, 401);
    for (const credential of ['{}', 'null', '[]', '"', '{"id":1}', 'x'.repeat(20_000)]) {
      const answer = await system.visitor().submit(PASSKEY_SIGN_IN, { credential });
      assert.equal(answer.status, 401, credential.slice(0, 20));
    }
  });

  it('A41 refuses a copy of an authenticator that counts, and notifies the owner', async () => {
    await using system = await startSystem({ email: 'off' });
    const { authenticator } = await registerWithPasskey(system, { isCounting: true });
    assert.equal((await signInWithPasskey(system.visitor(), authenticator)).location, '/dashboard');
    const { get } = authenticator;
    // The copy has the count of before.
    const old = await usePasskeyOn(system.visitor(), { page: '/login', action: PASSKEY_SIGN_IN }, (options) =>
      get(options, { isCounting: false }),
    );
    assert.equal(old.status, 401);
    assert.equal(eventsOf(system, 'passkey-copied').length, 1);
    assert.equal(
      (await signInWithPasskey(system.visitor(), authenticator)).location,
      '/dashboard',
      'the original still works',
    );
  });

  it('A41 does not register one authenticator credential for two accounts', async () => {
    await using system = await startSystem();
    const { visitor } = await registerWithPasskey(system);
    const ben = system.visitor();
    await ben.register(BEN.username, BEN.password);
    await ben.signIn(BEN.username, BEN.password);
    const csrf = await visitor.token(PASSKEYS);
    const options = await optionsFor(visitor, PASSKEYS);
    const fresh = authenticatorFor(system);
    const credential = JSON.stringify(fresh.create(options));
    assert.equal((await visitor.post(PASSKEYS, { csrf, credential })).status, 303);
    const copied = await optionsFor(ben, PASSKEYS);
    assert.equal((await ben.submit(PASSKEYS, { credential })).status, 409, 'it answers another challenge');
    assert.equal(copied.excludeCredentials.length, 0);
  });

  it('A03 V6.3.8 reveals no account before the passkey: every login page has the same options', async () => {
    await using system = await startSystem();
    await registerWithPasskey(system);
    const { challenge: one, ...known } = await optionsFor(system.visitor(), PASSKEY_SIGN_IN);
    const { challenge: other, ...unknown } = await optionsFor(system.visitor(), PASSKEY_SIGN_IN);
    assert.deepEqual(known, unknown);
    assert.deepEqual(known.allowCredentials, []);
    assert.notEqual(one, other);
  });

  it('A07 is not slowed by floods on passwords, and asks for no proof of work', async () => {
    await using system = await startSystem();
    const { authenticator } = await registerWithPasskey(system);
    const attacker = system.visitor();
    for (let number = 0; number < 30; number += 1)
      await attacker.signIn(ADA.username, `wrong ${number} guess`);
    assert.equal((await attacker.signIn(ADA.username, ADA.password)).status, 429);
    assert.equal((await signInWithPasskey(attacker, authenticator)).location, '/dashboard');
  });
});

/** The options of one ceremony as if they were those for creating a passkey. */
function creationFrom({ challenge, rpId }: { readonly challenge: string; readonly rpId: string }) {
  return { challenge, rp: { id: rpId }, user: { id: 'AAAA' } };
}

it('passkeys do not exist where they are off, or where the site has no domain', async () => {
  for (const options of [{ passkeys: 'off' } as const, { baseUrl: 'http://127.0.0.1:3000' }]) {
    await using system = await startSystem(options);
    const visitor = system.visitor();
    assert.doesNotMatch((await visitor.get('/login')).body, /passkey/);
    assert.equal((await visitor.get(PASSKEY_SIGN_IN)).status, 404);
  }
});

it('related origins are published, and accepted', async () => {
  await using system = await startSystem({ passkeyOrigins: ['https://example.net'] });
  const { authenticator } = await registerWithPasskey(system);
  const published = JSON.parse((await system.visitor().get('/.well-known/webauthn')).body);
  assert.deepEqual(published, { origins: [system.origin, 'https://example.net'] });
  const related = await usePasskeyOn(
    system.visitor(),
    { page: '/login', action: PASSKEY_SIGN_IN },
    (options) => authenticator.get(options, { origin: 'https://example.net' }),
  );
  assert.equal(related.location, '/dashboard');
});
