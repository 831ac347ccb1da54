import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  failuresOf,
  identitiesIn,
  NEW_USER_PAGE,
  registerWithProvider,
  signInWithProvider,
  startWithTwin,
} from '../kit/federation.ts';
import {
  createInvitation,
  mailsOf,
  newestConfirmation,
  openAndReset,
  openInvitation,
  RESET,
  requestResetPath,
} from '../kit/mailed-links.ts';
import { deleteExpired, reachInside, type TestSystem, usernamesIn } from '../kit/system.ts';
import { ADA, type Answer, isSignedIn, pathTo } from '../kit/visitor.ts';

const VICTIM = 'victim@example.org';

const databaseOf = (system: TestSystem) =>
  reachInside(system, 'no page shows what was stored without a session').core.database;

async function accountsIn(system: TestSystem) {
  return databaseOf(system).queries.selectFrom('accounts').selectAll().execute();
}

onEveryDatabase('a new user who comes from an identity provider', (engine) => {
  it('chooses a username under the rules that hold for every user', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    await system.visitor().register(ADA.username, ADA.password);
    provider.profile = { sub: 'x', preferred_username: 'admin' };
    const visitor = system.visitor();
    await signInWithProvider(visitor, provider);
    for (const [username, problem] of [
      ['ADA', /already taken/],
      ['admin', /reserved/],
      ['a', /too short/],
      ['a@b', /cannot contain @/],
      ['', /Choose a username/],
    ] as const) {
      const answer = await visitor.submit(NEW_USER_PAGE, { username });
      assert.equal(answer.status, 422, username);
      assert.match(answer.body, problem);
    }
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('has twenty minutes to register, in the browser that the sign-in began in', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const visitor = system.visitor();
    await signInWithProvider(visitor, provider);
    assert.equal((await system.visitor().get(NEW_USER_PAGE)).location, '/login');
    const csrf = await visitor.token(NEW_USER_PAGE);
    system.clock.advance(20 * MINUTE);
    assert.equal((await visitor.post(NEW_USER_PAGE, { csrf, username: 'Ada' })).location, '/login');
    assert.deepEqual(await accountsIn(system), []);
  });
});

onEveryDatabase('registration through an identity provider', (engine) => {
  it('A54: is refused while registration is closed, and stores nothing', async () => {
    await using started = await startWithTwin(engine, { registration: 'closed' });
    const { system, provider } = started;
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
    assert.deepEqual(failuresOf(system), ['unknown']);
    const visitor = system.visitor();
    await signInWithProvider(visitor, provider);
    assert.match((await visitor.get('/login')).body, /new accounts are not being made/);
    assert.equal((await visitor.get(NEW_USER_PAGE)).location, '/login');
    const tokens = await databaseOf(system).queries.selectFrom('one_time_tokens').selectAll().execute();
    assert.deepEqual([tokens, await accountsIn(system)], [[], []]);
  });

  it('needs an invitation where registration is by invitation, and uses it up', async () => {
    await using started = await startWithTwin(engine, { registration: 'invite' });
    const { system, provider } = started;
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login');
    const token = await createInvitation(system);
    const ada = await openInvitation(system, token);
    assert.equal((await registerWithProvider(ada, provider, 'Ada')).location, '/dashboard');
    assert.equal(
      (await signInWithProvider(system.visitor(), provider)).location,
      '/dashboard',
      'later without one',
    );
    provider.profile = { sub: 'ben-there' };
    const ben = await openInvitation(system, token);
    assert.equal((await signInWithProvider(ben, provider)).location, '/login');
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('accepts an invitation that was issued for an address only with that address', async () => {
    await using started = await startWithTwin(engine, { registration: 'invite', oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    const token = await createInvitation(system, { email: 'ada@example.org' });
    provider.profile = { sub: 'eve-there', email: 'eve@example.org', email_verified: true };
    const eve = await openInvitation(system, token);
    const refused = await registerWithProvider(eve, provider, 'Eve', 'eve@example.org');
    assert.equal(refused.status, 422);
    assert.match(refused.body, /This invitation is for another address/);
    provider.profile = { sub: 'ada-there', email: 'Ada@example.org', email_verified: true };
    const ada = await openInvitation(system, token);
    assert.equal((await registerWithProvider(ada, provider, 'Ada')).location, '/dashboard');
  });
});

onEveryDatabase('the email address of a user who registers through an identity provider', (engine) => {
  it('A37: must be confirmed before the first session unless the provider is trusted', async () => {
    await using started = await startWithTwin(engine, { email: 'required' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', email_verified: true };
    const ada = system.visitor();
    assert.equal((await registerWithProvider(ada, provider, 'Ada', '')).status, 422);
    const made = await ada.submit(NEW_USER_PAGE, { username: 'Ada', email: 'ada@example.org' });
    assert.equal(made.location, '/login/confirm-address');
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/login/confirm-address');
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit('/login/confirm-address', { code })).location, '/dashboard');
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
  });

  it('A03: gets the same answer whether or not another account has it', async () => {
    await using started = await startWithTwin(engine, { email: 'required' });
    const { system, provider } = started;
    await system.visitor().register(ADA.username, ADA.password, VICTIM);
    const shown: string[] = [];
    for (const [number, address] of [VICTIM, 'free@example.org'].entries()) {
      provider.profile = { sub: `person ${number}`.replace(' ', '-') };
      const visitor = system.visitor();
      const answer = await registerWithProvider(visitor, provider, `Person ${number}`, address);
      const page = await visitor.get('/login/confirm-address');
      shown.push(withoutChance(answer, number, address) + withoutChance(page, number, address));
    }
    assert.equal(shown[0], shown[1]);
    system.clock.advance(DAY);
    await deleteExpired(system);
    assert.deepEqual(await identitiesIn(system), [], 'nobody has confirmed in time');
  });

  it('needs no confirmation when the provider is trusted', async () => {
    await using started = await startWithTwin(engine, { email: 'required', oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', email_verified: true };
    assert.equal((await registerWithProvider(system.visitor(), provider, 'Ada')).location, '/dashboard');
    system.clock.advance(2 * DAY);
    await deleteExpired(system);
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('is not stored when EMAIL is “off”', async () => {
    await using started = await startWithTwin(engine, { email: 'off', oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', email_verified: true };
    assert.equal(
      (await registerWithProvider(system.visitor(), provider, 'Ada', 'x@example.org')).location,
      '/dashboard',
    );
    const [account] = await accountsIn(system);
    assert.equal(account?.email, null);
  });
});

function withoutChance({ status, location, body }: Answer, number: number, address: string): string {
  const page = body.replace(/name="csrf" value="[^"]+"/g, '').replaceAll(address, '');
  return JSON.stringify([status, location, page.replaceAll(`Person ${number}`, '')]);
}

onEveryDatabase('A20: a connected identity provider', (engine) => {
  it('is disconnected when the owner of an unconfirmed address resets the password', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    provider.profile = { sub: 'eve-there' };
    await registerWithProvider(system.visitor(), provider, 'Eve', VICTIM);
    const victim = system.visitor();
    assert.equal(
      (await openAndReset(victim, await requestResetPath(system, VICTIM), ADA.password)).location,
      '/login',
    );
    assert.equal((await victim.signIn(VICTIM, ADA.password)).location, '/dashboard');
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal(pathTo(await signInWithProvider(system.visitor(), provider)), NEW_USER_PAGE);
  });

  it('stays connected when the owner of a confirmed address resets the password and keeps it', async () => {
    await using started = await startWithTwin(engine, { oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: VICTIM, email_verified: true };
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const owner = system.visitor();
    await owner.get(await requestResetPath(system, VICTIM));
    const { body } = await owner.get(RESET);
    const [, keep = ''] = /<input id="(keep-[^"]+)"/.exec(body) ?? [];
    await owner.submit(RESET, { 'new-password': ADA.password, [keep]: 'on' });
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
  });

  it('is disconnected when the owner reports a sign-in as “not me”', async () => {
    await using started = await startWithTwin(engine, { oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: VICTIM, email_verified: true };
    await registerWithProvider(system.visitor(), provider, 'Ada');
    system.clock.advance(MINUTE);
    const eve = system.visitor();
    assert.equal((await signInWithProvider(eve, provider)).location, '/dashboard');
    const [notice] = await mailsOf(system, 'signed-in-from-new-device');
    const owner = system.visitor();
    const link = /https?:\/\/\S+(\/not-me\?token=\S+)/.exec(String(notice?.text))?.[1];
    await owner.get(String(link));
    await owner.submit('/not-me', {});
    assert.equal(await isSignedIn(eve), false);
    assert.deepEqual(await identitiesIn(system), []);
  });
});
