import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  CONNECTIONS_PAGE,
  connectProvider,
  disconnectButtons,
  identitiesIn,
  registerWithProvider,
  rolesOf,
  signInWithProvider,
  startWithTwoProviders,
  type TwinProvider,
} from '../kit/federation.ts';
import { eventsOf, type TestSystem } from '../kit/system.ts';
import { ADA, BEN, registerAndSignIn } from '../kit/visitor.ts';

/** Ada, who has no password and two identity providers. */
async function withTwoProviders({ system, provider }: { system: TestSystem; provider: TwinProvider }) {
  const ada = system.visitor();
  await registerWithProvider(ada, provider, 'Ada');
  provider.profile = { sub: 'ada-at-second' };
  assert.equal((await connectProvider(ada, provider, 'second')).location, CONNECTIONS_PAGE);
  return ada;
}

onEveryDatabase('the connection of an account with an identity provider', (engine) => {
  it('A17: leaves an identity with the account that already has it', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    await connectProvider(await registerAndSignIn(system.visitor()), provider);
    const ben = await registerAndSignIn(system.visitor(), BEN);
    await connectProvider(ben, provider);
    assert.match((await ben.get(CONNECTIONS_PAGE)).body, /connected with another account here/);
    const rows = await identitiesIn(system);
    assert.equal(rows.length, 1);
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
    assert.deepEqual(await disconnectButtons(ben), []);
  });

  it('A15: succeeds for one of sixteen accounts that connect the same identity at once', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const users = Array.from({ length: 16 }, (_, number) => ({ ...ADA, username: `Ada ${number}` }));
    const visitors = await Promise.all(users.map((user) => registerAndSignIn(system.visitor(), user)));
    await Promise.all(visitors.map((visitor) => connectProvider(visitor, provider)));
    assert.equal((await identitiesIn(system)).length, 1);
    assert.equal(eventsOf(system, 'identity-linked').length, 1);
  });
});

onEveryDatabase('the disconnection of an identity provider', (engine) => {
  it('A15: leaves one of two providers when both are disconnected at once', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system } = started;
    const ada = await withTwoProviders(started);
    const csrf = await ada.token(CONNECTIONS_PAGE);
    const buttons = await disconnectButtons(ada);
    assert.equal(buttons.length, 2);
    const attempts = [...buttons, ...buttons, ...buttons, ...buttons];
    await Promise.all(attempts.map((disconnect) => ada.post(CONNECTIONS_PAGE, { csrf, disconnect })));
    assert.equal((await identitiesIn(system)).length, 1);
    assert.equal(eventsOf(system, 'identity-unlinked').length, 1);
  });
});

onEveryDatabase('the roles that an identity provider assigns', (engine) => {
  it('apply to the session that began with that provider until the provider is disconnected', async () => {
    await using started = await startWithTwoProviders(engine, {
      oidcAcmeRoles: 'staff=editor, staff=reader',
    });
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    provider.profile = { sub: 'ada-there', groups: ['staff'] };
    await connectProvider(ada, provider);
    const other = system.visitor();
    assert.equal((await signInWithProvider(other, provider)).location, '/dashboard');
    assert.deepEqual([await rolesOf(other), await rolesOf(ada)], [['editor', 'reader'], []]);
    const [disconnect = ''] = await disconnectButtons(other);
    await other.submit(CONNECTIONS_PAGE, { disconnect });
    assert.deepEqual(await rolesOf(other), []);
  });
});

onEveryDatabase('an account without a password', (engine) => {
  it('gets exactly one password when eight requests set one at once', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const page = await ada.get('/account/password');
    assert.match(page.body, /<h1>Set a password<\/h1>/);
    assert.doesNotMatch(page.body, /current-password/);
    const csrf = await ada.token('/account/password');
    const passwords = Array.from({ length: 8 }, (_, number) => `grey herons on pier no. ${number}!`);
    // A request that begins after another has ended changes the password instead of setting a first one.
    const { reached, release } = system.hasher.holdHashes(passwords.length);
    const setting = passwords.map((password) =>
      ada.post('/account/password', { csrf, 'new-password': password }),
    );
    await reached;
    release();
    const answers = await Promise.all(setting);
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1, 'A15');
  });
});
