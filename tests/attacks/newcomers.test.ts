import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/core/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  failuresOf,
  identitiesIn,
  NEWCOMER_PAGE,
  registerAt,
  signInAt,
  startWithTwin,
} from '../kit/federation.ts';
import {
  invite,
  mailsOf,
  newestConfirmation,
  newReset,
  openAndReset,
  withInvitation,
} from '../kit/mailed-links.ts';
import { type TestSystem, usernamesIn } from '../kit/system.ts';
import { ADA, type Answer, isSignedIn } from '../kit/visitor.ts';

const VICTIM = 'victim@example.org';

async function accountsIn({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('accounts').selectAll().execute();
}

onEveryDatabase('somebody new who comes from a provider', (engine) => {
  it('chooses a username by the rules of every other', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    await system.visitor().register(ADA.username, ADA.password);
    provider.profile = { sub: 'x', preferred_username: 'admin' };
    const visitor = system.visitor();
    await signInAt(visitor, provider);
    for (const [username, problem] of [
      ['ADA', /already taken/],
      ['admin', /reserved/],
      ['a', /too short/],
      ['a@b', /cannot contain @/],
      ['', /Choose a username/],
    ] as const) {
      const answer = await visitor.submit(NEWCOMER_PAGE, { username });
      assert.equal(answer.status, 422, username);
      assert.match(answer.body, problem);
    }
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('has twenty minutes, in the browser that they came with', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const visitor = system.visitor();
    await signInAt(visitor, provider);
    assert.equal((await system.visitor().get(NEWCOMER_PAGE)).location, '/login');
    const csrf = await visitor.token(NEWCOMER_PAGE);
    system.clock.advance(20 * MINUTE);
    assert.equal((await visitor.post(NEWCOMER_PAGE, { csrf, username: 'Ada' })).location, '/login');
    assert.deepEqual(await accountsIn(system), []);
  });
});

onEveryDatabase('where not everybody makes an account', (engine) => {
  it('A54: nobody new gets in by way of a provider, and who is known does', async () => {
    await using started = await startWithTwin(engine, { registration: 'closed' });
    const { system, provider } = started;
    assert.equal((await signInAt(system.visitor(), provider)).location, '/login');
    assert.deepEqual(failuresOf(system), ['unknown']);
    const visitor = system.visitor();
    await signInAt(visitor, provider);
    assert.match((await visitor.get('/login')).body, /new accounts are not being made/);
    assert.equal((await visitor.get(NEWCOMER_PAGE)).location, '/login');
    const tokens = await system.system.core.database.queries
      .selectFrom('one_time_tokens')
      .selectAll()
      .execute();
    assert.deepEqual([tokens, await accountsIn(system)], [[], []]);
  });

  it('those make one who were invited, and the invitation is spent', async () => {
    await using started = await startWithTwin(engine, { registration: 'invite' });
    const { system, provider } = started;
    assert.equal((await signInAt(system.visitor(), provider)).location, '/login');
    const token = await invite(system);
    const ada = await withInvitation(system, token);
    assert.equal((await registerAt(ada, provider, 'Ada')).location, '/dashboard');
    assert.equal((await signInAt(system.visitor(), provider)).location, '/dashboard', 'later without one');
    provider.profile = { sub: 'ben-there' };
    const ben = await withInvitation(system, token);
    assert.equal((await signInAt(ben, provider)).location, '/login');
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('an invitation for one address is for that address alone', async () => {
    await using started = await startWithTwin(engine, { registration: 'invite', oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    const token = await invite(system, { email: 'ada@example.org' });
    provider.profile = { sub: 'eve-there', email: 'eve@example.org', email_verified: true };
    const eve = await withInvitation(system, token);
    const refused = await registerAt(eve, provider, 'Eve', 'eve@example.org');
    assert.equal(refused.status, 422);
    assert.match(refused.body, /This invitation is for another address/);
    provider.profile = { sub: 'ada-there', email: 'Ada@example.org', email_verified: true };
    const ada = await withInvitation(system, token);
    assert.equal((await registerAt(ada, provider, 'Ada')).location, '/dashboard');
  });
});

onEveryDatabase('where an address has to be confirmed', (engine) => {
  it('A37: nobody is let in by an address that the provider only tells', async () => {
    await using started = await startWithTwin(engine, { email: 'required' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', email_verified: true };
    const ada = system.visitor();
    assert.equal((await registerAt(ada, provider, 'Ada', '')).status, 422);
    const made = await ada.submit(NEWCOMER_PAGE, { username: 'Ada', email: 'ada@example.org' });
    assert.equal(made.location, '/login/confirm-address');
    assert.equal(await isSignedIn(ada), false);
    assert.equal((await signInAt(system.visitor(), provider)).location, '/login/confirm-address');
    const { code } = await newestConfirmation(system);
    assert.equal((await ada.submit('/login/confirm-address', { code })).location, '/dashboard');
    assert.equal((await signInAt(system.visitor(), provider)).location, '/dashboard');
  });

  it('A03: an address that somebody has is answered like one that nobody has', async () => {
    await using started = await startWithTwin(engine, { email: 'required' });
    const { system, provider } = started;
    await system.visitor().register(ADA.username, ADA.password, VICTIM);
    const shown: string[] = [];
    for (const [number, address] of [VICTIM, 'free@example.org'].entries()) {
      provider.profile = { sub: `person ${number}`.replace(' ', '-') };
      const visitor = system.visitor();
      const answer = await registerAt(visitor, provider, `Person ${number}`, address);
      const page = await visitor.get('/login/confirm-address');
      shown.push(withoutChance(answer, number, address) + withoutChance(page, number, address));
    }
    assert.equal(shown[0], shown[1]);
    system.clock.advance(DAY);
    await system.system.storage.deleteExpired();
    assert.deepEqual(await identitiesIn(system), [], 'nobody has confirmed in time');
  });

  it('a trusted address is enough', async () => {
    await using started = await startWithTwin(engine, { email: 'required', oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', email_verified: true };
    assert.equal((await registerAt(system.visitor(), provider, 'Ada')).location, '/dashboard');
    system.clock.advance(2 * DAY);
    await system.system.storage.deleteExpired();
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('and where there are none at all, none is kept', async () => {
    await using started = await startWithTwin(engine, { email: 'off', oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: 'ada@example.org', email_verified: true };
    assert.equal(
      (await registerAt(system.visitor(), provider, 'Ada', 'x@example.org')).location,
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

onEveryDatabase('A20: a site that somebody else has connected', (engine) => {
  it('is gone once the owner of the address takes the account back', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    provider.profile = { sub: 'eve-there' };
    await registerAt(system.visitor(), provider, 'Eve', VICTIM);
    const victim = system.visitor();
    assert.equal(
      (await openAndReset(victim, await newReset(system, VICTIM), ADA.password)).location,
      '/login',
    );
    assert.equal((await victim.signIn(VICTIM, ADA.password)).location, '/dashboard');
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal((await signInAt(system.visitor(), provider)).location, NEWCOMER_PAGE);
  });

  it('stays where the owner has only forgotten the password', async () => {
    await using started = await startWithTwin(engine, { oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: VICTIM, email_verified: true };
    await registerAt(system.visitor(), provider, 'Ada');
    await openAndReset(system.visitor(), await newReset(system, VICTIM), ADA.password);
    assert.equal((await signInAt(system.visitor(), provider)).location, '/dashboard');
  });

  it('is gone once the owner says that a sign-in was not theirs', async () => {
    await using started = await startWithTwin(engine, { oidcAcmeTrustEmail: 'on' });
    const { system, provider } = started;
    provider.profile = { sub: 'ada-there', email: VICTIM, email_verified: true };
    await registerAt(system.visitor(), provider, 'Ada');
    system.clock.advance(MINUTE);
    const eve = system.visitor();
    assert.equal((await signInAt(eve, provider)).location, '/dashboard');
    const [notice] = await mailsOf(system, 'signed-in-from-new-device');
    const owner = system.visitor();
    const link = /https?:\/\/\S+(\/not-me\?token=\S+)/.exec(String(notice?.text))?.[1];
    await owner.get(String(link));
    await owner.submit('/not-me', {});
    assert.equal(await isSignedIn(eve), false);
    assert.deepEqual(await identitiesIn(system), []);
  });
});
