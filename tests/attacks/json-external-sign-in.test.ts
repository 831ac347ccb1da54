import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { bytesToId } from '../../src/platform/text/uuid.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  connectProvider,
  failuresOf,
  identitiesIn,
  NEW_USER_PAGE,
  registerWithProvider,
  returnFromProvider,
  signInWithProvider,
  startWithTwin,
  startWithTwoProviders,
  type TwinProvider,
} from '../kit/federation.ts';
import { type TestSystem, usernamesIn } from '../kit/system.ts';
import {
  ADA,
  type Answer,
  BEN,
  isSignedIn,
  newAddress,
  reasonsOf,
  registerAndSignIn,
  type Visitor,
} from '../kit/visitor.ts';

const REGISTER = `/api${NEW_USER_PAGE}`;
const CONNECTIONS = '/api/account/connections';

function outcomeOf(answer: Answer): readonly unknown[] {
  return [answer.status, ...reasonsOf(answer)];
}

/** Signs in as a new user, and returns the handle of the pending registration. */
async function pendingRegistration(visitor: Visitor, provider: TwinProvider, sub: string): Promise<string> {
  provider.profile = { sub };
  const { location } = await signInWithProvider(visitor, provider);
  return String(new URL(String(location), 'https://login.example.org').searchParams.get('flow'));
}

async function firstIdentity(system: TestSystem): Promise<string> {
  const [row] = await identitiesIn(system);
  return bytesToId(row?.id ?? new Uint8Array());
}

onEveryDatabase('a pending registration over JSON', (engine) => {
  it('A15 A61: is completed once, for the identity that its handle names, in the browser of the sign-in', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const [browser, other] = [system.visitor(), system.visitor()];
    const first = await pendingRegistration(browser, provider, 'first');
    await pendingRegistration(browser, provider, 'second');
    const fields = { username: 'Ada', flow: first };
    for (const [client, body] of [
      [other, fields],
      [browser, { username: 'Ada' }],
      [browser, { username: 'Ada', flow: 'AAAAAAAAAAAAAAAA' }],
    ] as const)
      assert.deepEqual(outcomeOf(await client.postJson(REGISTER, body)), [409, 'no-pending-registration']);
    assert.deepEqual(await usernamesIn(system), []);
    const answer = await browser.postJson(REGISTER, { ...fields, next: '/account' });
    assert.deepEqual(JSON.parse(answer.body), { next: '/account', messages: [], state: 'signed-in' });
    assert.equal(await isSignedIn(browser), true);
    assert.deepEqual(
      (await identitiesIn(system)).map(({ subject }) => subject),
      ['first'],
    );
    assert.deepEqual(outcomeOf(await browser.postJson(REGISTER, fields)), [409, 'no-pending-registration']);
  });

  it('A15: creates one account when sixteen requests race', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const browser = system.visitor();
    const flow = await pendingRegistration(browser, provider, 'x');
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) => browser.postJson(REGISTER, { username: `Ada ${at}`, flow })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal((await usernamesIn(system)).length, 1);
  });

  it('follows the rules of the form, and expires with it', async () => {
    await using started = await startWithTwin(engine, { email: 'required' });
    const { system, provider } = started;
    await system.visitor().register(ADA.username, ADA.password, 'ada@example.org');
    const browser = system.visitor();
    const flow = await pendingRegistration(browser, provider, 'x');
    for (const [username, email, ...reasons] of [
      ['admin', 'eve', 'username-reserved', 'email-not-an-address'],
      ['', '', 'username-missing', 'email-missing'],
      ['ADA', 'eve@example.org', 'username-taken'],
    ] as const) {
      const answer = await browser.postJson(REGISTER, { username, email, flow });
      assert.deepEqual(outcomeOf(answer), [422, ...reasons]);
    }
    system.clock.advance(20 * MINUTE);
    const late = await browser.postJson(REGISTER, { username: 'Eve', email: 'eve@example.org', flow });
    assert.deepEqual(outcomeOf(late), [409, 'no-pending-registration']);
  });

  it('A27: leads to no other site', async () => {
    await using started = await startWithTwin(engine);
    const { system, provider } = started;
    const browser = system.visitor();
    const flow = await pendingRegistration(browser, provider, 'x');
    const answer = await browser.postJson(REGISTER, { username: 'Ada', flow, next: '//evil.example' });
    assert.equal(JSON.parse(answer.body).next, '/dashboard');
  });
});

onEveryDatabase('connections over JSON', (engine) => {
  it('A11 A17: are disconnected by their owner alone, which ends every other session', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    await connectProvider(ada, provider);
    const elsewhere = system.visitor();
    await signInWithProvider(elsewhere, provider);
    const disconnect = await firstIdentity(system);
    const ben = await registerAndSignIn(system.visitor(), BEN);
    for (const id of [disconnect, 'x', '']) {
      const { disconnected } = JSON.parse((await ben.postJson(CONNECTIONS, { disconnect: id })).body);
      assert.equal(disconnected, false);
    }
    assert.equal((await identitiesIn(system)).length, 1);
    const before = ada.cookies.get('latchkey');
    const answer = JSON.parse((await ada.postJson(CONNECTIONS, { disconnect })).body);
    assert.partialDeepStrictEqual(answer, { disconnected: true, messages: [{ kind: 'success' }] });
    assert.notEqual(ada.cookies.get('latchkey'), before);
    assert.deepEqual([await isSignedIn(ada), await isSignedIn(elsewhere)], [true, false]);
    assert.deepEqual(await identitiesIn(system), []);
  });

  it('A11: keep the only sign-in method', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const disconnect = await firstIdentity(system);
    const refused = await ada.postJson(CONNECTIONS, { disconnect });
    assert.deepEqual(outcomeOf(refused), [409, 'last-sign-in-method']);
    assert.equal((await identitiesIn(system)).length, 1);
  });

  it('A38 A29: need fresh authentication and a request of this origin', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitor());
    await connectProvider(ada, provider);
    const fields = { disconnect: await firstIdentity(system) };
    assert.equal((await system.visitor().postJson(CONNECTIONS, fields)).status, 401);
    const foreign = await ada.postJson(CONNECTIONS, fields, { 'sec-fetch-site': 'cross-site' });
    assert.equal(foreign.status, 403);
    system.clock.advance(10 * MINUTE);
    const stale = await ada.postJson(CONNECTIONS, fields);
    assert.deepEqual(outcomeOf(stale), [401, 'fresh-authentication-required']);
    assert.equal((await identitiesIn(system)).length, 1);
  });

  it('A20 A23: begin at the provider, in the same browser, once the address is confirmed', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const eve = system.visitor();
    await eve.register('Eve', ADA.password, 'victim@example.org');
    await eve.signIn('Eve', ADA.password);
    assert.deepEqual(outcomeOf(await eve.postJson(CONNECTIONS, { connect: 'acme' })), [
      409,
      'address-unconfirmed',
    ]);
    const ada = await registerAndSignIn(system.visitor());
    const { authorizationUrl } = JSON.parse((await ada.postJson(CONNECTIONS, { connect: 'acme' })).body);
    const back = provider.signIn(new URL(authorizationUrl));
    assert.equal((await returnFromProvider(eve, back)).location, '/dashboard');
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal((await returnFromProvider(ada, back)).location, '/account/connections');
    assert.equal((await identitiesIn(system)).length, 1);
  });

  it('are not begun while the provider does not respond, nor beyond the limit of an address', async () => {
    await using started = await startWithTwoProviders(engine);
    const { system, provider } = started;
    const ada = await registerAndSignIn(system.visitorFrom(newAddress()));
    await provider.stop();
    const failed = await ada.postJson(CONNECTIONS, { connect: 'acme' });
    assert.deepEqual(outcomeOf(failed), [503, 'provider-unavailable']);
    assert.deepEqual(failuresOf(system), ['unavailable']);
    for (let count = 1; count < 300; count += 1) await ada.postJson(CONNECTIONS, { connect: 'acme' });
    const refused = await ada.postJson(CONNECTIONS, { connect: 'acme' });
    assert.deepEqual(outcomeOf(refused), [429, 'too-many']);
    const form = await ada.submit('/account/connections', { connect: 'acme' });
    assert.equal(form.status, 429);
    assert.ok(Number(form.headers.get('retry-after')) > 0);
    assert.match(form.body, /Too many attempts/);
  });
});
