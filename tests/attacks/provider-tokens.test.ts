import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE } from '../../src/core/clock.ts';
import { newToken } from '../../src/core/tokens.ts';
import { ProviderUnavailableError } from '../../src/index.ts';
import { type Engine, onEveryDatabase } from '../support/databases.ts';
import {
  acme,
  connectAt,
  identitiesIn,
  registerAt,
  signInAt,
  together,
} from '../support/external-sign-in.ts';
import { startOpenIdProvider } from '../support/openid-provider.ts';
import { ADA } from '../support/people.ts';
import { accountOf } from '../support/session-cookie.ts';
import { createStandInStep } from '../support/stand-in-step.ts';
import { SECRET_KEY, startSystem, type TestOptions, type TestSystem } from '../support/system.ts';
import { startTwinProvider } from '../support/twin-provider.ts';
import { until } from '../support/until.ts';

const KEPT = { oidcAcmeTokens: 'keep', oidcAcmeScopes: 'calendar files:read' } as const;

async function start(engine: Engine, more: TestOptions = {}) {
  const provider = await startTwinProvider();
  const system = await startSystem(acme(provider, { ...KEPT, ...more }), engine);
  await registerAt(system.visitor(), provider, 'Ada');
  return together(provider, system);
}

async function tokenOf({ system }: TestSystem, name = 'Ada') {
  return system.providerToken(String(await system.core.accounts.find(name)), 'acme');
}

function rowsOf({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('external_tokens').selectAll().execute();
}

/** Everything in the database as text, bytes as base64 and as they are. */
async function dumped({ system }: TestSystem): Promise<string> {
  const { queries } = system.core.database;
  const rows = [
    ...(await queries.selectFrom('external_tokens').selectAll().execute()),
    ...(await queries.selectFrom('external_sign_ins').selectAll().execute()),
    ...(await queries.selectFrom('one_time_tokens').selectAll().execute()),
  ];
  return rows
    .flatMap((row) => Object.values(row))
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
    .join('\n');
}

onEveryDatabase('the tokens of a provider', (engine) => {
  it('are dropped, unless they are asked for: nothing of them is kept or logged', async () => {
    await using started = await start(engine, { oidcAcmeTokens: 'drop', logLevel: 'debug' });
    const { system, provider } = started;
    await signInAt(system.visitor(), provider);
    assert.deepEqual(await rowsOf(system), []);
    const { queries } = system.system.core.database;
    const kept = await queries.selectFrom('external_sign_ins').select('kept').execute();
    assert.ok(kept.every((row) => row.kept === null));
    await assert.rejects(tokenOf(system), RangeError);
  });

  it('are given to the application, with the scopes that it asked for, until they run out', async () => {
    await using started = await start(engine);
    const { system } = started;
    const token = await tokenOf(system);
    assert.deepEqual(token?.expiresAt, system.clock.read() + HOUR);
    assert.deepEqual(token?.scopes, [
      'openid',
      'email',
      'profile',
      'calendar',
      'files:read',
      'offline_access',
    ]);
    system.clock.advance(59 * MINUTE);
    assert.equal((await tokenOf(system))?.accessToken, token?.accessToken);
    await system.visitor().register('Ben', ADA.password);
    assert.equal(await tokenOf(system, 'Ben'), null, 'nobody else’s');
    await assert.rejects(system.system.providerToken('', 'other'), RangeError);
  });

  it('A57: lie sealed in the database, bound to their row, and open under the key alone', async () => {
    await using started = await start(engine, { logLevel: 'debug' });
    const { system, provider } = started;
    const token = await tokenOf(system);
    assert.ok(token !== null);
    await signInAt(system.visitor(), provider);
    const again = await tokenOf(system);
    const lying = await dumped(system);
    for (const secret of [token.accessToken, String(again?.accessToken)]) {
      assert.ok(!lying.includes(secret));
      assert.ok(!system.logLines.join('').includes(secret));
    }
    // Somebody who can write to the database moves Ada's tokens to an identity of theirs.
    provider.profile = { sub: 'eve-there' };
    await registerAt(system.visitor(), provider, 'Eve');
    const all = await identitiesIn(system);
    const [ada, eve] = ['ada-there', 'eve-there'].map((subject) =>
      all.find((one) => one.subject === subject),
    );
    assert.ok(ada && eve);
    const { queries } = system.system.core.database;
    const [row] = (await rowsOf(system)).filter(({ identity_id }) =>
      Buffer.from(identity_id).equals(Buffer.from(ada.id)),
    );
    assert.ok(row);
    await queries
      .updateTable('external_tokens')
      .set({ tokens: row.tokens })
      .where('identity_id', '=', eve.id)
      .execute();
    assert.equal(await tokenOf(system, 'Eve'), null);
  });

  it('A15: are refreshed once, however many ask at once, and on however many nodes', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const first = await tokenOf(system);
    system.clock.advance(59 * MINUTE + 1);
    const tokens = await Promise.all(Array.from({ length: 16 }, () => tokenOf(system)));
    assert.equal(provider.refreshed, 1);
    const [fresh] = tokens;
    assert.ok(fresh && fresh.accessToken !== first?.accessToken);
    assert.equal(new Set(tokens.map((token) => token?.accessToken)).size, 1);
    assert.equal(fresh.expiresAt, system.clock.read() + HOUR);
    system.clock.advance(2 * HOUR);
    assert.notEqual((await tokenOf(system))?.accessToken, fresh.accessToken);
    assert.equal(provider.refreshed, 2, 'with the refresh token that came last');
  });

  it('A15: lose no refresh token where somebody signs in while they are refreshed', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    system.clock.advance(2 * HOUR);
    const held = Promise.withResolvers<void>();
    provider.held = held.promise;
    provider.isSparing = true;
    const before = provider.asked.length;
    const refreshing = tokenOf(system);
    await until('the provider is asked', async () => provider.asked.slice(before).includes('/token'));
    assert.equal((await signInAt(system.visitor(), provider)).location, '/dashboard');
    held.resolve();
    assert.ok((await refreshing) !== null);
    provider.held = null;
    for (let times = 2; times < 5; times += 1) {
      system.clock.advance(2 * HOUR);
      assert.ok((await tokenOf(system)) !== null, 'with the refresh token that came last');
      assert.equal(provider.refreshed, times);
    }
  });

  it('are had anew by whoever connects the site once more', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await signInAt(ada, provider);
    provider.isTakenBack = true;
    system.clock.advance(2 * HOUR);
    assert.equal(await tokenOf(system), null);
    provider.isTakenBack = false;
    system.clock.advance(-2 * HOUR);
    await connectAt(ada, provider);
    assert.match((await ada.get('/account/connections')).body, /That site is connected anew/);
    assert.ok((await tokenOf(system)) !== null);
  });

  it('are given up where the provider no longer honours them, and had anew by signing in', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    provider.isTakenBack = true;
    system.clock.advance(2 * HOUR);
    assert.equal(await tokenOf(system), null);
    assert.deepEqual(await rowsOf(system), []);
    provider.isTakenBack = false;
    await signInAt(system.visitor(), provider);
    assert.ok((await tokenOf(system)) !== null);
  });

  it('A58: stay where the provider is away, and are had once it is back', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    system.clock.advance(2 * HOUR);
    provider.faults = { at: { '/token': (response) => void response.destroy() } };
    await assert.rejects(tokenOf(system), ProviderUnavailableError);
    provider.faults = {};
    assert.ok((await tokenOf(system)) !== null);
    assert.equal(provider.refreshed, 1);
  });

  it('wait for whoever is at refreshing them, and for a node that died only so long', async () => {
    await using started = await start(engine);
    const { system } = started;
    system.clock.advance(2 * HOUR);
    const { queries } = system.system.core.database;
    await queries
      .updateTable('external_tokens')
      .set({ refreshing_until: system.clock.read() + 1 })
      .execute();
    await assert.rejects(tokenOf(system), ProviderUnavailableError);
    assert.ok(system.pauses.length > 10);
    system.clock.advance(1);
    assert.ok((await tokenOf(system)) !== null);
  });

  it('come with a connection, too, and go with it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, KEPT), engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    assert.equal(await tokenOf(system), null);
    await connectAt(ada, provider);
    assert.ok((await tokenOf(system)) !== null);
    const { body } = await ada.get('/account/connections');
    const disconnect = /name="disconnect" value="([^"]+)"/.exec(body)?.[1] ?? '';
    await ada.submit('/account/connections', { disconnect });
    assert.equal(await tokenOf(system), null);
    assert.deepEqual(await rowsOf(system), []);
  });

  it('A37: are kept for nobody who is not let in: a step stands in front of them, too', async () => {
    await using provider = await startTwinProvider();
    const step = createStandInStep();
    await using system = await startSystem(acme(provider, KEPT), engine, { features: step.features });
    const ada = system.visitor();
    await registerAt(ada, provider, 'Ada');
    const before = await tokenOf(system);
    step.blocked.add((await accountOf(system)).id);
    const late = system.visitor();
    assert.equal((await signInAt(late, provider)).location, step.path);
    assert.equal((await tokenOf(system))?.accessToken, before?.accessToken);
    await late.submit(step.path, {});
    assert.notEqual((await tokenOf(system))?.accessToken, before?.accessToken);
  });

  it('A57: open no more once the key that sealed them is forgotten, and are had anew by signing in', async () => {
    await using started = await start(engine);
    const { system, provider } = started;
    const options = { ...acme(provider, KEPT), databaseUrl: system.databaseUrl };
    const another = {
      create: async () => ({ url: system.databaseUrl, [Symbol.asyncDispose]: async () => {} }),
    };
    const rotated = { ...options, secretKey: `${newToken()},${SECRET_KEY}` };
    {
      await using next = await startSystem(rotated, { ...engine, ...another });
      assert.ok((await tokenOf(next)) !== null, 'while the old one is still there');
    }
    await using last = await startSystem({ ...options, secretKey: newToken() }, { ...engine, ...another });
    assert.equal(await tokenOf(last), null);
    await signInAt(last.visitor(), provider);
    assert.ok((await tokenOf(last)) !== null);
  });
});

it('the tokens of a certified provider are refreshed by it', async () => {
  const site = 'http://localhost:3000/oauth/acme/callback';
  await using provider = await startOpenIdProvider(site);
  await using system = await startSystem(acme(provider, { oidcAcmeTokens: 'keep' }));
  system.clock.advance(Date.now() - system.clock.read());
  await registerAt(system.visitor(), provider, 'Ada');
  const first = await tokenOf(system);
  assert.ok(first?.scopes.includes('offline_access'));
  system.clock.advance(HOUR + MINUTE);
  const fresh = await tokenOf(system);
  assert.ok(fresh !== null && fresh.accessToken !== first?.accessToken);
});
