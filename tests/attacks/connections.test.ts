import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { bytesToId } from '../../src/platform/text/uuid.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  CONNECTIONS_PAGE,
  connectProvider,
  disconnectButtons,
  identitiesIn,
  redirectTarget,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startWithTwoProviders,
  type TwinProvider,
} from '../kit/federation.ts';
import { eventsOf } from '../kit/system.ts';
import {
  ADA,
  type Answer,
  BEN,
  isSignedIn,
  pathTo,
  presentToken,
  registerAndSignIn,
  SESSION,
  type Visitor,
} from '../kit/visitor.ts';

onEveryDatabase('connecting an identity provider', (engine) => {
  it('lets the user sign in with it, shows how the user signed in, and records an event', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    provider.profile = { sub: 'ada-there', email: 'ada@acme.example' };
    await connectProvider(ada, provider);
    assert.match(
      (await ada.get(CONNECTIONS_PAGE)).body,
      /You can sign in with that site from now on[\s\S]*<h2>Acme<\/h2>[\s\S]*ada@acme\.example/,
    );
    const later = system.visitor();
    assert.equal((await signInWithProvider(later, provider)).location, '/dashboard');
    assert.match((await later.get('/dashboard')).body, /another site/);
    assert.equal(eventsOf(system, 'identity-linked').length, 1);
  });

  it('A64 is possible for at most twenty identities of one account', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    for (let number = 0; number < 21; number += 1) {
      provider.profile = { sub: `ada-${number}` };
      await connectProvider(ada, provider);
    }
    assert.match((await ada.get(CONNECTIONS_PAGE)).body, /Disconnect one of them first/);
    assert.equal((await identitiesIn(system)).length, 20);
  });

  it('A38: requires fresh authentication first', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system } = started;
    const ada = await registerAndSignIn(system.visitor());
    const csrf = await ada.token(CONNECTIONS_PAGE);
    system.clock.advance(10 * MINUTE);
    const location = '/account/confirm?next=%2Faccount%2Fconnections';
    assert.equal((await ada.get(CONNECTIONS_PAGE)).location, location);
    assert.equal((await ada.post(CONNECTIONS_PAGE, { csrf, connect: 'acme' })).location, location);
    assert.equal((await ada.post(CONNECTIONS_PAGE, { csrf, disconnect: 'x' })).location, location);
  });

  it('A20: is refused to an account whose email address is not confirmed', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system } = started;
    const eve = system.visitor();
    await eve.register('Eve', ADA.password, 'victim@example.org');
    await eve.signIn('Eve', ADA.password);
    const answer = await eve.submit(CONNECTIONS_PAGE, { connect: 'acme' });
    assert.equal(answer.location, '/account/confirm-address');
    assert.deepEqual(await identitiesIn(system), []);
  });

  it('A11: has no effect once the session that began it has ended', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const eve = await registerAndSignIn(system.visitor());
    const owner = system.visitor();
    await owner.signIn(ADA.username, ADA.password);
    const back = provider.signIn(redirectTarget(await eve.submit(CONNECTIONS_PAGE, { connect: 'acme' })));
    await owner.submit('/account/password', { 'new-password': 'four grey herons on a pier' });
    assert.equal((await eve.get(back.pathname + back.search)).location, '/login');
    assert.deepEqual(await identitiesIn(system), []);
  });
});

onEveryDatabase('disconnecting an identity provider', (engine) => {
  it('A11: ends every other session, and the provider no longer signs the user in', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    await connectProvider(ada, provider);
    const elsewhere = system.visitor();
    await signInWithProvider(elsewhere, provider);
    const [disconnect = ''] = await disconnectButtons(ada);
    await ada.submit(CONNECTIONS_PAGE, { disconnect });
    assert.match((await ada.get(CONNECTIONS_PAGE)).body, /That site is disconnected/);
    assert.deepEqual([await isSignedIn(ada), await isSignedIn(elsewhere)], [true, false]);
    assert.equal(pathTo(await signInWithProvider(system.visitor(), provider)), '/register/connected');
    assert.equal(eventsOf(system, 'identity-unlinked').length, 1);
  });

  it('I07: gives the session a new token, as connecting does, and neither counts as a newer proof of identity', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    system.clock.advance(6 * MINUTE);
    const first = String(ada.cookies.get(SESSION));
    assert.equal((await connectProvider(ada, provider)).location, CONNECTIONS_PAGE);
    const second = String(ada.cookies.get(SESSION));
    const [disconnect = ''] = await disconnectButtons(ada);
    await ada.submit(CONNECTIONS_PAGE, { disconnect });
    const third = String(ada.cookies.get(SESSION));
    assert.equal(new Set([first, second, third]).size, 3);
    const statuses = await Promise.all([first, second, third].map((token) => presentToken(system, token)));
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [401, 401, 200],
    );
    system.clock.advance(5 * MINUTE);
    assert.match(String((await ada.get(CONNECTIONS_PAGE)).location), /^\/account\/confirm/);
    assert.deepEqual(eventsOf(system, 'session-stolen'), []);
  });

  it('is refused when it is the only sign-in method', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    assert.deepEqual(await disconnectButtons(ada), []);
    const [row] = await identitiesIn(system);
    const disconnect = bytesToId(row?.id ?? new Uint8Array());
    await ada.submit(CONNECTIONS_PAGE, { disconnect });
    assert.match((await ada.get(CONNECTIONS_PAGE)).body, /your only way in, so it stays/);
    assert.equal((await identitiesIn(system)).length, 1);
    await ada.submit('/account/password', { 'new-password': ADA.password });
    await ada.submit(CONNECTIONS_PAGE, { disconnect });
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal((await system.visitor().signIn('Ada', ADA.password)).location, '/dashboard');
  });

  it('A17: does not affect another user’s connection', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    await connectProvider(await registerAndSignIn(system.visitor()), provider);
    const [row] = await identitiesIn(system);
    const ben = await registerAndSignIn(system.visitor(), BEN);
    for (const disconnect of [bytesToId(row?.id ?? new Uint8Array()), 'x', '']) {
      await ben.submit(CONNECTIONS_PAGE, { disconnect });
      assert.match((await ben.get(CONNECTIONS_PAGE)).body, /was disconnected already/);
    }
    assert.equal((await identitiesIn(system)).length, 1);
  });
});

onEveryDatabase('a user without a password', (engine) => {
  it('A38: gives fresh authentication only by a new sign-in to the connected identity at the identity provider', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    system.clock.advance(10 * MINUTE);
    const confirm = '/account/confirm?next=%2Faccount%2Fpassword';
    assert.equal((await ada.get('/account/password')).location, confirm);
    const { body } = await ada.get(confirm);
    assert.doesNotMatch(body, /name="password"/);
    assert.match(body, /action="\/account\/confirm\/acme"/);
    const go = async () => {
      const fields = { csrf: await ada.token(confirm), next: '/account/password' };
      return redirectTarget(await ada.post('/account/confirm/acme', fields));
    };
    const asked = await go();
    assert.deepEqual([asked.searchParams.get('prompt'), asked.searchParams.get('max_age')], ['login', '0']);
    const comeBack = async (url: URL) => ada.get(url.pathname + url.search);

    provider.profile = { sub: 'somebody-else' };
    assert.equal((await comeBack(provider.signIn(asked))).location, confirm);
    assert.match((await ada.get(confirm)).body, /another account than the one/);

    provider.profile = { sub: 'ada-there', auth_time: Math.floor(Date.now() / 1_000) - 3_600 };
    assert.equal((await comeBack(provider.signIn(await go()))).location, confirm, 'signed in there long ago');
    provider.profile = { sub: 'ada-there', auth_time: undefined };
    assert.equal((await comeBack(provider.signIn(await go()))).location, confirm, 'when, it does not say');
    assert.equal((await ada.get('/account/password')).location, confirm);

    provider.profile = { sub: 'ada-there' };
    const before = ada.cookies.get('latchkey');
    assert.equal((await comeBack(provider.signIn(await go()))).location, '/account/password');
    assert.notEqual(ada.cookies.get('latchkey'), before, 'A09');
    assert.equal((await ada.get('/account/password')).status, 200);
  });

  it('A38: gives no fresh authentication with an identity that is connected to another account', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    provider.profile = { sub: 'ben-there' };
    await registerWithProvider(system.visitor(), provider, 'Ben');
    system.clock.advance(10 * MINUTE);
    assert.equal((await confirmAt(ada, provider, '/account/password')).location, TO_CONFIRM);
    assert.equal((await ada.get('/account/password')).location, TO_CONFIRM);
    provider.profile = { sub: 'ada-there' };
    assert.equal((await confirmAt(ada, provider, '/account/password')).location, '/account/password');
  });

  it('A27: is redirected to the dashboard after fresh authentication when the form links to a third-party site', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    for (const next of [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      system.clock.advance(10 * MINUTE);
      assert.equal((await confirmAt(ada, provider, next)).location, '/dashboard', next);
    }
  });
});

const TO_CONFIRM = '/account/confirm?next=%2Faccount%2Fpassword';

/** Gives fresh authentication at a provider. @param next the path to continue to afterwards */
async function confirmAt(visitor: Visitor, provider: TwinProvider, next: string): Promise<Answer> {
  const csrf = await visitor.token('/account/confirm');
  const asked = redirectTarget(await visitor.post('/account/confirm/acme', { csrf, next }));
  return returnFromProvider(visitor, provider.signIn(asked));
}
