import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../../src/platform/runtime/clock.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  combine,
  type Faults,
  failuresOf,
  goToProvider,
  hs256WithPublicKey,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startTwinProvider,
  type TokenClaims,
  type TwinProvider,
} from '../kit/federation.ts';
import { createTestStep } from '../kit/sign-in-steps.ts';
import { deleteExpired, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, accountOf, isSignedIn, newAddress } from '../kit/visitor.ts';

const LOGOUT = '/oauth/acme/backchannel-logout';

async function start(engine: Engine) {
  const provider = await startTwinProvider();
  provider.profile = { sub: 'ada-there', sid: 'one' };
  const system = await startSystem(acme(provider), engine);
  return combine(provider, system);
}

let tokens = 0;

/** The claims of a valid token at the time of the test. */
function leaving({ clock }: TestSystem, more: TokenClaims = { sub: 'ada-there' }): TokenClaims {
  tokens += 1;
  const iat = Math.floor(clock.read() / 1_000);
  return { iat, exp: iat + 120, jti: `token ${tokens}`, ...more };
}

/** Posts as a provider does: without a cookie, an origin or a form token. */
async function post(system: TestSystem, token: string, address = '192.0.2.80') {
  const connection = { incoming: { socket: { remoteAddress: address } } };
  const request = new Request(system.origin + LOGOUT, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }),
  });
  const { handle } = reachInside(system, 'a visitor sends the headers of a browser, and a provider does not');
  const response = await handle(request, connection);
  return { status: response.status, cache: response.headers.get('cache-control') };
}

const say = (system: TestSystem, provider: TwinProvider, claims: TokenClaims) =>
  post(system, provider.logoutToken(claims));

onEveryDatabase('a back-channel logout', (engine) => {
  it('A12: ends the sessions that its “sid” or “sub” names, and no others', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const first = system.visitor();
    await registerWithProvider(first, provider, 'Ada');
    provider.profile = { sub: 'ada-there', sid: 'two' };
    const [second, third] = [system.visitor(), system.visitor()];
    for (const visitor of [second, third])
      assert.equal((await signInWithProvider(visitor, provider)).location, '/dashboard');
    const ben = system.visitor();
    provider.profile = { sub: 'ben-there', sid: 'three' };
    await registerWithProvider(ben, provider, 'Ben');

    const answer = await say(system, provider, leaving(system, { sid: 'two' }));
    assert.deepEqual(answer, { status: 200, cache: 'no-store' });
    assert.deepEqual(await Promise.all([first, second, third, ben].map(isSignedIn)), [
      true,
      false,
      false,
      true,
    ]);
    assert.equal(
      (await say(system, provider, leaving(system, { sid: 'one', sub: 'ben-there' }))).status,
      200,
    );
    assert.equal(await isSignedIn(first), true, 'both have to fit');
    assert.equal((await say(system, provider, leaving(system))).status, 200);
    assert.deepEqual([await isSignedIn(first), await isSignedIn(ben)], [false, true]);
    const reported = system.events.filter(({ type }) => type === 'session-ended-by-provider');
    assert.equal(reported.length, 3);
    assert.equal((await signInWithProvider(first, provider)).status, 303, 'who comes again is let in again');
  });

  it('A12: ends no session that began with a password', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    const ada = system.visitor();
    await signInWithProvider(ada, provider);
    await ada.submit('/account/password', { 'new-password': ADA.password });
    const withPassword = system.visitor();
    assert.equal((await withPassword.signIn('Ada', ADA.password)).location, '/dashboard');
    assert.equal((await say(system, provider, leaving(system))).status, 200);
    assert.deepEqual([await isSignedIn(ada), await isSignedIn(withPassword)], [false, true]);
  });

  it('A37: also ends a pending sign-in', async () => {
    await using provider = await startTwinProvider();
    const step = createTestStep();
    await using system = await startSystem(acme(provider), engine, { features: step.features });
    await registerWithProvider(system.visitor(), provider, 'Ada');
    step.blocked.add((await accountOf(system)).id);
    const ada = system.visitor();
    assert.equal((await signInWithProvider(ada, provider)).location, step.path);
    const csrf = await ada.token(step.path);
    assert.equal((await say(system, provider, leaving(system))).status, 200);
    assert.equal((await ada.post(step.path, { csrf })).location, '/login');
    assert.equal(await isSignedIn(ada), false);
  });

  it('A12: misses no session of a sign-in that finishes at the same moment', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    await registerWithProvider(system.visitor(), provider, 'Ada');
    for (let round = 0; round < 4; round += 1) {
      const visitors = Array.from({ length: 4 }, () => system.visitorFrom(newAddress()));
      const ways = await Promise.all(
        visitors.map(async (visitor) => provider.signIn(await goToProvider(visitor))),
      );
      await Promise.all([
        ...visitors.map((visitor, number) =>
          returnFromProvider(visitor, ways[number] ?? new URL(provider.origin)),
        ),
        say(system, provider, leaving(system)),
      ]);
      // The first session was ended, and the user signed in again before it: a second logout ends all of them.
      await say(system, provider, leaving(system));
      assert.deepEqual(await Promise.all(visitors.map(isSignedIn)), [false, false, false, false]);
    }
  });

  it('A15: is accepted once, and ends nothing when its token is replayed', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const token = provider.logoutToken(leaving(system));
    const heard = await Promise.all(Array.from({ length: 8 }, () => post(system, token)));
    assert.equal(heard.filter(({ status }) => status === 200).length, 1);
    await signInWithProvider(ada, provider);
    assert.equal((await post(system, token)).status, 400);
    system.clock.advance(119 * SECOND);
    assert.equal((await post(system, token)).status, 400, 'in the last second that it is valid');
    assert.equal(await isSignedIn(ada), true);
  });
});

onEveryDatabase('A25: a logout token that the provider has not issued', (engine) => {
  it('is rejected and ends no session, whatever is wrong with it', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const right = () => leaving(system);
    const iat = Math.floor(system.clock.read() / 1_000);
    const wrong: readonly (readonly [string, TokenClaims, Pick<Faults, 'header' | 'signature'>?])[] = [
      ['another issuer', { ...right(), iss: 'https://evil.example' }],
      ['another audience', { ...right(), aud: 'another-client' }],
      ['no audience', { ...right(), aud: undefined }],
      ['old', { ...right(), iat: iat - 6 * 60, exp: iat + 60 }],
      ['over', { ...right(), exp: iat - 60 }],
      ['to come', { ...right(), iat: iat + 600, exp: iat + 700 }],
      ['without a time', { ...right(), iat: undefined }],
      ['without an id', { ...right(), jti: undefined }],
      ['about nobody', { ...right(), sub: undefined }],
      ['about several', { ...right(), sub: ['ada-there'] }],
      ['an ID token', { ...right(), events: undefined }],
      ['an ID token in other clothes', { ...right(), nonce: 'a nonce' }],
      ['another event', { ...right(), events: { 'http://schemas.openid.net/event/other': {} } }],
      [
        'an event that is none',
        { ...right(), events: ['http://schemas.openid.net/event/backchannel-logout'] },
      ],
      ['not signed', right(), { header: { alg: 'none' }, signature: () => '' }],
      [
        'signed with the public key as a secret',
        right(),
        { header: { alg: 'HS256' }, signature: hs256WithPublicKey },
      ],
      ['signed by nobody', right(), { signature: () => Buffer.alloc(256, 1).toString('base64url') }],
      ['a key that it brings along', right(), { header: { kid: 'two', jwk: { kty: 'oct', k: 'AAAA' } } }],
    ];
    for (const [name, claims, faults] of wrong) {
      const answer = await post(system, provider.logoutToken(claims, faults), newAddress());
      assert.deepEqual(answer, { status: 400, cache: 'no-store' }, name);
    }
    for (const text of ['', 'x', 'a.b.c', `${'x'.repeat(3_000)}.y.z`])
      assert.equal((await post(system, text, newAddress())).status, 400, text.slice(0, 10));
    assert.equal(await isSignedIn(ada), true);
    assert.deepEqual(new Set(failuresOf(system)), new Set(['invalid']));
    assert.equal((await say(system, provider, right())).status, 200);
    assert.equal(await isSignedIn(ada), false);
  });

  it('A04: is checked at most thirty times in fifteen minutes from one address', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const address = newAddress();
    for (let times = 0; times < 30; times += 1) assert.equal((await post(system, 'x', address)).status, 400);
    assert.equal((await post(system, provider.logoutToken(leaving(system)), address)).status, 429);
    system.clock.advance(15 * MINUTE);
    assert.equal((await post(system, provider.logoutToken(leaving(system)), address)).status, 200);
  });
});

onEveryDatabase('the stored record of a sign-in with an identity provider', (engine) => {
  it('is deleted with its session, or after an hour when no session began', async () => {
    await using started = await start(engine);
    const { provider, system } = started;
    const { queries } = reachInside(system, 'no page shows what is stored of a sign-in').core.database;
    const kept = async () => (await queries.selectFrom('external_sign_ins').selectAll().execute()).length;
    await signInWithProvider(system.visitor(), provider);
    assert.equal(await kept(), 1);
    system.clock.advance(HOUR);
    await deleteExpired(system);
    assert.equal(await kept(), 0);
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    system.clock.advance(HOUR);
    await deleteExpired(system);
    assert.equal(await kept(), 1);
    await ada.signOut();
    assert.equal(await kept(), 0);
  });
});
