import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MINUTE } from '../../src/core/clock.ts';
import { bytesToId } from '../../src/core/identifiers/uuid.ts';
import { type Engine, onEveryDatabase } from '../support/databases.ts';
import { isSignedIn } from '../support/devices.ts';
import {
  acme,
  connectAt,
  identitiesIn,
  leadsTo,
  registerAt,
  signInAt,
  together,
} from '../support/external-sign-in.ts';
import { ADA, BEN } from '../support/people.ts';
import { startSystem, type TestOptions, type TestSystem } from '../support/system.ts';
import { CLIENT, startTwinProvider, type TwinProvider } from '../support/twin-provider.ts';
import type { Visitor } from '../support/visitor.ts';

const PAGE = '/account/connections';

type Person = { readonly username: string; readonly password: string };

async function start(engine: Engine, more: TestOptions = {}) {
  const provider = await startTwinProvider();
  const second = {
    oidcSecondIssuer: provider.origin,
    oidcSecondClientId: CLIENT.id,
    oidcSecondClientSecret: CLIENT.secret,
  };
  const system = await startSystem(acme(provider, { ...second, ...more }), engine);
  return together(provider, system);
}

async function signedIn(system: TestSystem, person: Person = ADA): Promise<Visitor> {
  const visitor = system.visitor();
  await visitor.register(person.username, person.password);
  await visitor.signIn(person.username, person.password);
  return visitor;
}

/** The buttons that disconnect, in the order in which the sites were connected. */
async function buttonsOf(visitor: Visitor): Promise<readonly string[]> {
  const { body } = await visitor.get(PAGE);
  return [...body.matchAll(/name="disconnect" value="([^"]+)"/g)].map(([, id = '']) => id);
}

/** Ada, who has no password and two sites. */
async function withTwoSites({ system, provider }: { system: TestSystem; provider: TwinProvider }) {
  const ada = system.visitor();
  await registerAt(ada, provider, 'Ada');
  provider.profile = { sub: 'ada-at-second' };
  assert.equal((await connectAt(ada, provider, 'second')).location, PAGE);
  return ada;
}

function told({ events }: TestSystem, type: string): number {
  return events.filter((event) => event.type === type).length;
}

onEveryDatabase('connecting a site', (engine) => {
  it('lets people sign in with it, shows when they did, and is recorded', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const ada = await signedIn(system);
    provider.profile = { sub: 'ada-there', email: 'ada@acme.example' };
    await connectAt(ada, provider);
    assert.match(
      (await ada.get(PAGE)).body,
      /You can sign in with that site from now on[\s\S]*<h2>Acme<\/h2>[\s\S]*ada@acme\.example/,
    );
    const later = system.visitor();
    assert.equal((await signInAt(later, provider)).location, '/dashboard');
    assert.match((await later.get('/dashboard')).body, /another site/);
    assert.equal(told(system, 'identity-linked'), 1);
  });

  it('A38: asks for a fresh proof first', async () => {
    await using started = await start(engine);
    const { system } = started;
    const ada = await signedIn(system);
    const csrf = await ada.token(PAGE);
    system.clock.advance(10 * MINUTE);
    const location = '/account/confirm?next=%2Faccount%2Fconnections';
    assert.equal((await ada.get(PAGE)).location, location);
    assert.equal((await ada.post(PAGE, { csrf, connect: 'acme' })).location, location);
    assert.equal((await ada.post(PAGE, { csrf, disconnect: 'x' })).location, location);
  });

  it('A17: leaves an identity with whoever has it', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    await connectAt(await signedIn(system), provider);
    const ben = await signedIn(system, BEN);
    await connectAt(ben, provider);
    assert.match((await ben.get(PAGE)).body, /connected with another account here/);
    const rows = await identitiesIn(system);
    assert.equal(rows.length, 1);
    assert.equal((await signInAt(system.visitor(), provider)).location, '/dashboard');
    assert.deepEqual(await buttonsOf(ben), []);
  });

  it('A15: is done for one of sixteen accounts that connect one identity at once', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const people = Array.from({ length: 16 }, (_, number) => ({ ...ADA, username: `Ada ${number}` }));
    const visitors = await Promise.all(people.map((person) => signedIn(system, person)));
    await Promise.all(visitors.map((visitor) => connectAt(visitor, provider)));
    assert.equal((await identitiesIn(system)).length, 1);
    assert.equal(told(system, 'identity-linked'), 1);
  });

  it('A20: is done for no account whose address nobody has confirmed', async () => {
    await using started = await start(engine);
    const { system } = started;
    const eve = system.visitor();
    await eve.register('Eve', ADA.password, 'victim@example.org');
    await eve.signIn('Eve', ADA.password);
    const answer = await eve.submit(PAGE, { connect: 'acme' });
    assert.equal(answer.location, '/account/confirm-address');
    assert.deepEqual(await identitiesIn(system), []);
  });

  it('A11: is nothing once the session that it was begun in has ended', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const eve = await signedIn(system);
    const owner = system.visitor();
    await owner.signIn(ADA.username, ADA.password);
    const back = provider.signIn(leadsTo(await eve.submit(PAGE, { connect: 'acme' })));
    await owner.submit('/account/password', { 'new-password': 'four grey herons on a pier' });
    assert.equal((await eve.get(back.pathname + back.search)).location, '/login');
    assert.deepEqual(await identitiesIn(system), []);
  });
});

onEveryDatabase('disconnecting a site', (engine) => {
  it('A11: ends every other session, and nobody signs in with it any more', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const ada = await signedIn(system);
    await connectAt(ada, provider);
    const elsewhere = system.visitor();
    await signInAt(elsewhere, provider);
    const [disconnect = ''] = await buttonsOf(ada);
    await ada.submit(PAGE, { disconnect });
    assert.match((await ada.get(PAGE)).body, /That site is disconnected/);
    assert.deepEqual([await isSignedIn(ada), await isSignedIn(elsewhere)], [true, false]);
    assert.equal((await signInAt(system.visitor(), provider)).location, '/register/connected');
    assert.equal(told(system, 'identity-unlinked'), 1);
  });

  it('never takes the last way in', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerAt(ada, provider, 'Ada');
    assert.deepEqual(await buttonsOf(ada), []);
    const [row] = await identitiesIn(system);
    const disconnect = bytesToId(row?.id ?? new Uint8Array());
    await ada.submit(PAGE, { disconnect });
    assert.match((await ada.get(PAGE)).body, /your only way in, so it stays/);
    assert.equal((await identitiesIn(system)).length, 1);
    await ada.submit('/account/password', { 'new-password': ADA.password });
    await ada.submit(PAGE, { disconnect });
    assert.deepEqual(await identitiesIn(system), []);
    assert.equal((await system.visitor().signIn('Ada', ADA.password)).location, '/dashboard');
  });

  it('A15: leaves one of two sites where both are taken away at once', async () => {
    await using started = await start(engine);
    const { system } = started;
    const ada = await withTwoSites(started);
    const csrf = await ada.token(PAGE);
    const buttons = await buttonsOf(ada);
    assert.equal(buttons.length, 2);
    const attempts = [...buttons, ...buttons, ...buttons, ...buttons];
    await Promise.all(attempts.map((disconnect) => ada.post(PAGE, { csrf, disconnect })));
    assert.equal((await identitiesIn(system)).length, 1);
    assert.equal(told(system, 'identity-unlinked'), 1);
  });

  it('A17: does nothing to a site of somebody else', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    await connectAt(await signedIn(system), provider);
    const [row] = await identitiesIn(system);
    const ben = await signedIn(system, BEN);
    for (const disconnect of [bytesToId(row?.id ?? new Uint8Array()), 'x', '']) {
      await ben.submit(PAGE, { disconnect });
      assert.match((await ben.get(PAGE)).body, /was disconnected already/);
    }
    assert.equal((await identitiesIn(system)).length, 1);
  });
});

onEveryDatabase('somebody without a password', (engine) => {
  it('sets one, once', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerAt(ada, provider, 'Ada');
    const page = await ada.get('/account/password');
    assert.match(page.body, /<h1>Set a password<\/h1>/);
    assert.doesNotMatch(page.body, /current-password/);
    const csrf = await ada.token('/account/password');
    const passwords = Array.from({ length: 8 }, (_, number) => `grey herons on pier no. ${number}!`);
    const answers = await Promise.all(
      passwords.map((password) => ada.post('/account/password', { csrf, 'new-password': password })),
    );
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1, 'A15');
  });

  it('A38: proves anew who they are at the site that they came from, and not at another’s', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await registerAt(ada, provider, 'Ada');
    system.clock.advance(10 * MINUTE);
    const confirm = '/account/confirm?next=%2Faccount%2Fpassword';
    assert.equal((await ada.get('/account/password')).location, confirm);
    const { body } = await ada.get(confirm);
    assert.doesNotMatch(body, /name="password"/);
    assert.match(body, /action="\/account\/confirm\/acme"/);
    const go = async () => {
      const fields = { csrf: await ada.token(confirm), next: '/account/password' };
      return leadsTo(await ada.post('/account/confirm/acme', fields));
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
});
