import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { engines } from '../kit/databases.ts';
import {
  ADDRESS,
  BY_INVITATION,
  CONFIRM_STEP,
  createInvitation,
  isConfirmed,
  mailsOf,
  newestConfirmation,
  OPTIONAL,
  openAndReset,
  openInvitation,
  REQUIRED,
  requestResetPath,
  startWithAda,
} from '../kit/mailed-links.ts';
import {
  authenticatorFor,
  optionsFor,
  PASSKEY_REGISTER,
  PASSKEY_SIGN_IN,
  PASSKEYS,
  registerByPasskey,
  registerWithPasskey,
  SILENT,
  signInWithPasskey,
  withCredentialId,
} from '../kit/passkeys.ts';
import { CODES_STEP, codesIn, FACTOR_STEP, RECOVERY_STEP, SECURITY } from '../kit/second-factors.ts';
import { eventsOf, startSystem, type TestOptions, type TestSystem, usernamesIn } from '../kit/system.ts';
import {
  ADA,
  type Answer,
  BEN,
  isSignedIn,
  NEW_PASSWORD,
  newAddress,
  pathTo,
  reasonsOf,
  tokenIn,
  type Visitor,
} from '../kit/visitor.ts';

const OFF: TestOptions = { email: 'off' };
const BEN_THERE = 'ben@example.org';

/** No authenticator is asked. */
const NONE = () => assert.fail('the names are refused');

/** Registers a user by a passkey, and saves the recovery codes. */
async function register(
  system: TestSystem,
  names: { username: string; email?: string },
  visitor = system.visitor(),
) {
  const authenticator = authenticatorFor(system);
  const answer = await registerByPasskey(visitor, names, authenticator.create);
  assert.equal(pathTo(answer), CODES_STEP, answer.body);
  const codes = codesIn(await visitor.get(String(answer.location)));
  assert.equal(codes.length, 10);
  return { visitor, authenticator, codes, next: await visitor.submit(CODES_STEP, {}) };
}

describe('a registration with a passkey and without a password', () => {
  it('shows the recovery codes, signs in, and so does the passkey from then on', async () => {
    await using system = await startSystem(OFF);
    const { visitor, authenticator, next } = await register(system, ADA);
    assert.equal(next.location, '/dashboard');
    const { user, session } = JSON.parse((await visitor.get('/api/session')).body);
    assert.deepEqual([user.username, session.aal, session.secondFactor], [ADA.username, 2, 'passkey']);
    assert.equal(eventsOf(system, 'registered').length, 1);
    const browser = system.visitor();
    assert.equal((await signInWithPasskey(browser, authenticator)).location, '/dashboard');
    const guess = await system.visitor().signIn(ADA.username, ADA.password);
    assert.equal(guess.status, 401, 'there is no password');
    // It is said to be the only sign-in method, until there is another one.
    assert.match((await visitor.get(SECURITY)).body, /your only sign-in method/);
    await visitor.submit('/account/password', { 'new-password': NEW_PASSWORD });
    assert.doesNotMatch((await visitor.get(SECURITY)).body, /your only sign-in method/);
  });

  it('asks for a passkey that the authenticator keeps, with user verification, for an id that says nothing', async () => {
    await using system = await startSystem(OFF);
    const options = async (username: string) =>
      JSON.parse((await system.visitor().postJson(`/api${PASSKEY_REGISTER}`, { username })).body).options;
    const [one, other] = [await options(ADA.username), await options(ADA.username)];
    assert.deepEqual(one.authenticatorSelection, { residentKey: 'required', userVerification: 'required' });
    assert.deepEqual([one.user.name, one.excludeCredentials], [ADA.username, []]);
    assert.notEqual(one.user.id, other.user.id);
    assert.equal((await usernamesIn(system)).length, 0, 'asking creates nothing');
  });

  it('is done by API clients as well', async () => {
    await using system = await startSystem(OFF);
    const client = system.visitor();
    const { options } = JSON.parse(
      (await client.postJson(`/api${PASSKEY_REGISTER}`, { username: 'Ada' })).body,
    );
    const credential = JSON.stringify(authenticatorFor(system).create(options));
    const answer = await client.postJson(`/api${PASSKEY_REGISTER}`, { username: 'Ada', credential });
    const { state, step, flow, recoveryCodes } = JSON.parse(answer.body);
    assert.deepEqual([state, step, recoveryCodes.length], ['step', 'recovery-codes', 10]);
    const finished = await client.postJson(`/api${CODES_STEP}`, { flow });
    assert.equal(JSON.parse(finished.body).state, 'signed-in');
    assert.ok(await isSignedIn(client));
  });

  it('has the rules of the registration with a password', async () => {
    await using system = await startSystem({ email: 'optional', blockedEmailDomains: ['example.com'] });
    await system.visitor().register(BEN.username, BEN.password, BEN_THERE);
    const wrong: readonly [object, string][] = [
      [{ username: '', email: ADDRESS }, 'username-missing'],
      [{ username: 'ab', email: ADDRESS }, 'username-too-short'],
      [{ username: 'a@b.example', email: ADDRESS }, 'username-at-sign'],
      [{ username: 'admin', email: ADDRESS }, 'username-reserved'],
      [{ username: 'раураl', email: ADDRESS }, 'username-mixed-scripts'],
      [{ username: BEN.username, email: ADDRESS }, 'username-taken'],
      [{ username: 'ＢＥＮ', email: ADDRESS }, 'username-taken'],
      [{ username: 'Ada', email: BEN_THERE }, 'email-taken'],
      [{ username: 'Ada', email: 'ada@example.com' }, 'email-blocked'],
      [{ username: 'Ada', email: 'no address' }, 'email-not-an-address'],
      [{ username: 'Ada', email: '' }, 'email-missing'],
      [{ username: 'Ada', email: ADDRESS, comment: 'a robot' }, 'trap-filled'],
    ];
    const ada = system.visitor();
    const credential = await credentialFor(system, ada, { username: 'Grace', email: ADDRESS });
    for (const [fields, reason] of wrong) {
      const asked = await system.visitorFrom(newAddress()).postJson(`/api${PASSKEY_REGISTER}`, fields);
      assert.deepEqual(reasonsOf(asked), [reason], JSON.stringify(fields));
      const sent = await ada.postJson(`/api${PASSKEY_REGISTER}`, { ...fields, credential });
      assert.notEqual(sent.status, 200, JSON.stringify(fields));
    }
    assert.deepEqual(await usernamesIn(system), [BEN.username]);
    const page = await registerByPasskey(system.visitor(), { username: BEN.username, email: ADDRESS }, NONE);
    assert.equal(page.status, 422);
    assert.match(page.body, /already taken/);
    assert.match(page.body, new RegExp(`value="${ADDRESS}"`));
  });

  it('A54: is refused while registration is closed, and without an invitation where one is needed', async () => {
    for (const registration of ['closed', 'invite'] as const) {
      await using system = await startSystem({ ...OFF, registration });
      const visitor = system.visitor();
      assert.equal((await visitor.get(PASSKEY_REGISTER)).status, 403);
      assert.equal((await visitor.postJson(`/api${PASSKEY_REGISTER}`, { username: 'Ada' })).status, 403);
    }
  });

  it('A54: spends an invitation once, for the address and the name that it allows', async () => {
    await using system = await startSystem({ ...BY_INVITATION, email: 'optional' });
    const token = await createInvitation(system, { email: ADDRESS, allowsReserved: true });
    const visitor = await openInvitation(system, token);
    const link = /href="(\/register\/passkey[^"]*)"/.exec((await visitor.get('/register')).body)?.[1];
    assert.match(String(link), /flow=/);
    const other = await registerByPasskey(visitor, { username: 'admin', email: BEN_THERE }, NONE);
    assert.match(other.body, /for another address/);
    const { next } = await register(system, { username: 'admin', email: ADDRESS }, visitor);
    assert.equal(next.location, '/dashboard');
    assert.equal(eventsOf(system, 'invitation-spent').length, 1);
    const late = await openInvitation(system, token);
    assert.equal((await late.get(PASSKEY_REGISTER)).status, 403);
  });

  it('A04 A06 counts names that were taken, and accounts, like other registrations', async () => {
    await using system = await startSystem(OFF);
    await system.visitor().register(BEN.username, BEN.password);
    const robot = system.visitorFrom(newAddress());
    const ask = (username: string) => robot.postJson(`/api${PASSKEY_REGISTER}`, { username });
    for (let attempt = 0; attempt < 30; attempt += 1) assert.equal((await ask(BEN.username)).status, 422);
    assert.equal((await ask(BEN.username)).status, 429);
    assert.equal((await ask('Ada')).status, 429, 'the answer would say that the name is free');
    assert.equal((await robot.postJson('/api/register', { ...ADA, username: BEN.username })).status, 429);
  });
});

describe('the address of an account that was registered with a passkey', () => {
  it('is confirmed before the account works, by the code, and again by the passkey', async () => {
    await using system = await startSystem(REQUIRED);
    const { visitor, authenticator, next } = await register(system, { username: 'Ada', email: ADDRESS });
    assert.equal(pathTo(next), CONFIRM_STEP);
    assert.equal(await isSignedIn(visitor), false);
    const browser = system.visitor();
    assert.equal(pathTo(await signInWithPasskey(browser, authenticator)), CONFIRM_STEP);
    const { code } = await newestConfirmation(system);
    assert.equal((await visitor.submit(CONFIRM_STEP, { code })).location, '/dashboard');
    assert.ok(await isConfirmed(system));
    assert.equal((await signInWithPasskey(browser, authenticator)).location, '/dashboard');
  });

  it('A37 is confirmed by the link in another browser only once that is signed in to the account', async () => {
    await using system = await startSystem(REQUIRED);
    const { authenticator } = await register(system, { username: 'Ada', email: ADDRESS });
    const { path } = await newestConfirmation(system);
    const phone = system.visitor();
    await phone.get(path);
    const page = await phone.get('/verify-email');
    assert.match(page.body, /the account has no password/);
    assert.doesNotMatch(page.body, /Ada|<input[^>]+type="password"/);
    assert.equal(
      (await phone.post('/verify-email', { csrf: await phone.token('/login') })).status >= 400,
      true,
    );
    assert.equal(await isConfirmed(system), false);
    await signInWithPasskey(phone, authenticator);
    await phone.get(path);
    assert.match((await phone.get('/verify-email')).body, /address of the account Ada/);
    assert.equal((await phone.submit('/verify-email', {})).location, '/dashboard');
    assert.ok(await isConfirmed(system));
  });

  it('A03 A67 gives the same answers for an address that is taken as for a new one', async () => {
    await using system = await startWithAda(engines[0]);
    const seen = async (email: string, username: string) => {
      const visitor = system.visitorFrom(newAddress());
      const names = { username, email };
      const asked = await visitor.postJson(`/api${PASSKEY_REGISTER}`, names);
      const authenticator = authenticatorFor(system);
      const answer = await registerByPasskey(visitor, names, authenticator.create);
      await visitor.get(String(answer.location));
      const saved = await visitor.submit(CODES_STEP, {});
      const confirm = await visitor.get(CONFIRM_STEP);
      const wrong = await visitor.submit(CONFIRM_STEP, { code: '12345678' });
      const again = await signInWithPasskey(system.visitorFrom(newAddress()), authenticator);
      return [
        asked.status,
        answer.status,
        pathTo(answer),
        saved.status,
        pathTo(saved),
        confirm.status,
      ].concat([wrong.status, again.status, pathTo(again)]);
    };
    assert.deepEqual(await seen(ADDRESS, 'Grace'), await seen('new@example.org', 'Edith'));
    assert.equal((await mailsOf(system, 'registration-attempted')).length, 1);
    system.clock.advance(DAY);
    // Both names are free again.
    for (const [email, username] of [
      [ADDRESS, 'Grace'],
      ['new@example.org', 'Edith'],
    ] as const) {
      const names = { username, email };
      const asked = await system.visitorFrom(newAddress()).postJson(`/api${PASSKEY_REGISTER}`, names);
      assert.equal(asked.status, 200, username);
    }
  });

  it('A20 removes the passkey of an attacker when its owner proves it first, by a reset', async () => {
    for (const options of [OPTIONAL, REQUIRED]) {
      await using system = await startSystem(options);
      const { visitor: attacker, authenticator } = await register(system, {
        username: 'Ada',
        email: ADDRESS,
      });
      const victim = system.visitor();
      await openAndReset(victim, await requestResetPath(system), NEW_PASSWORD);
      assert.ok(await isConfirmed(system));
      assert.equal(await isSignedIn(attacker), false);
      assert.equal((await signInWithPasskey(system.visitor(), authenticator)).status, 401);
      assert.equal(
        (await victim.signIn('Ada', NEW_PASSWORD)).location,
        '/dashboard',
        'no factor is asked for',
      );
      assert.doesNotMatch((await victim.get(PASSKEYS)).body, /name="remove"/);
    }
  });

  it('gets a user who has lost the passkey in again: a mailed password, and a recovery code', async () => {
    await using system = await startSystem(OPTIONAL);
    const { visitor, codes } = await register(system, { username: 'Ada', email: ADDRESS });
    await visitor.get((await newestConfirmation(system)).path);
    await visitor.submit('/verify-email', {});
    assert.ok(await isConfirmed(system));
    const phone = system.visitor();
    await openAndReset(phone, await requestResetPath(system), NEW_PASSWORD);
    assert.equal(pathTo(await phone.signIn('Ada', NEW_PASSWORD)), FACTOR_STEP, 'a mail removes no factor');
    assert.equal((await phone.submit(RECOVERY_STEP, { code: String(codes[0]) })).location, SECURITY);
  });
});

describe('the ceremony of a registration', () => {
  it('A41 accepts a challenge of this ceremony, browser, name and time alone', async () => {
    await using system = await startSystem(OFF);
    const ada = system.visitor();
    await ada.get(PASSKEY_REGISTER);
    const names = { username: 'Ada' };
    const send = (visitor: Visitor, credential: string, username = 'Ada') =>
      visitor.postJson(`/api${PASSKEY_REGISTER}`, { username, credential });
    const expired = ['passkey-expired'];
    const credential = await credentialFor(system, ada, names);
    assert.deepEqual(reasonsOf(await send(system.visitor(), credential)), expired, 'another browser');
    assert.deepEqual(reasonsOf(await send(ada, credential, 'Grace')), expired, 'another name');
    const forSignIn = await optionsFor(ada, PASSKEY_SIGN_IN);
    const wrong = authenticatorFor(system).create({
      challenge: forSignIn.challenge,
      rp: { id: forSignIn.rpId },
      user: { id: 'AAAA' },
    });
    assert.deepEqual(reasonsOf(await send(ada, JSON.stringify(wrong))), expired, 'another ceremony');
    system.clock.advance(10 * MINUTE);
    assert.deepEqual(reasonsOf(await send(ada, credential)), expired, 'too late');
    assert.equal((await usernamesIn(system)).length, 0);
    const late = await credentialFor(system, ada, names);
    assert.equal((await send(ada, late)).status, 200);
    assert.notEqual((await send(ada, late)).status, 200, 'once');
  });

  it('A41 verifies the user, the origin and the site', async () => {
    await using system = await startSystem(OFF);
    const key = authenticatorFor(system);
    const wrong = [
      (options: unknown) => key.create(options, SILENT),
      (options: unknown) => key.create(options, { isUserVerified: false }),
      (options: unknown) => key.create(options, { origin: 'https://evil.example' }),
      (options: unknown) => key.create({ ...Object(options), rp: { id: 'evil.example' } }),
    ];
    for (const create of wrong) {
      const answer = await registerByPasskey(system.visitor(), { username: 'Ada' }, create);
      assert.equal(answer.status, 401);
      assert.match(answer.body, /data-passkey-signal="signalUnknownCredential"/);
    }
    assert.equal((await usernamesIn(system)).length, 0);
  });

  it('A41 refuses the credential of another account, and keeps nothing', async () => {
    await using system = await startSystem(OFF);
    const { authenticator } = await register(system, ADA);
    const { id } = await credentialOf(system, authenticator);
    const forged = await registerByPasskey(system.visitor(), { username: 'Grace' }, (options) =>
      withCredentialId(authenticatorFor(system).create(options), id),
    );
    assert.equal(forged.status, 409);
    assert.deepEqual(await usernamesIn(system), [ADA.username]);
    assert.equal((await signInWithPasskey(system.visitor(), authenticator)).location, '/dashboard');
  });

  it('A61 A29 needs the form of this browser', async () => {
    await using system = await startSystem(OFF);
    const ada = system.visitor();
    await ada.get(PASSKEY_REGISTER);
    const credential = await credentialFor(system, ada, { username: 'Ada' });
    const other = system.visitor();
    const { body } = await other.get(PASSKEY_REGISTER);
    const foreign = await ada.post(PASSKEY_REGISTER, { csrf: tokenIn(body), username: 'Ada', credential });
    assert.notEqual(foreign.status, 303);
    assert.equal((await usernamesIn(system)).length, 0);
  });
});

it('the registration page offers it, and only where passkeys can be used', async () => {
  await using system = await startSystem();
  const page = await system.visitor().get('/register?next=%2Faccount');
  assert.match(page.body, /<p data-needs="\w+" hidden><a href="\/register\/passkey\?next=%2Faccount"/);
  // A page has the script once, whatever of it needs that, and this one not at all.
  const scripts = ({ body }: Answer) => body.match(/<script[^>]+passkeys-/g)?.length ?? 0;
  assert.equal(scripts(page), 0);
  const { visitor } = await registerWithPasskey(system);
  const login = await system.visitor().get('/login');
  assert.deepEqual([login, await visitor.get(PASSKEYS)].map(scripts), [1, 1]);
  for (const options of [{ passkeys: 'off' } as const, { baseUrl: 'http://127.0.0.1:3000' }]) {
    await using without = await startSystem(options);
    assert.doesNotMatch((await without.visitor().get('/register')).body, /passkey/);
    assert.equal((await without.visitor().get(PASSKEY_REGISTER)).status, 404);
  }
});

async function credentialFor(system: TestSystem, visitor: Visitor, names: object): Promise<string> {
  const asked = await visitor.postJson(`/api${PASSKEY_REGISTER}`, names);
  return JSON.stringify(authenticatorFor(system).create(JSON.parse(asked.body).options));
}

async function credentialOf(system: TestSystem, { get }: ReturnType<typeof authenticatorFor>) {
  return get(await optionsFor(system.visitor(), PASSKEY_SIGN_IN));
}
