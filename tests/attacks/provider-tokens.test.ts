import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, MINUTE } from '../../src/core/clock.ts';
import { newToken } from '../../src/core/tokens.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  connectAt,
  identitiesIn,
  KEPT_TOKENS,
  keptTokensIn,
  providerTokenOf,
  registerAt,
  signInAt,
  startTwinProvider,
  startWithKeptTokens,
} from '../kit/federation.ts';
import { startOpenIdProvider } from '../kit/openid-provider.ts';
import { createStandInStep } from '../kit/sign-in-steps.ts';
import { SECRET_KEY, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, accountOf } from '../kit/visitor.ts';

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
    await using started = await startWithKeptTokens(engine, { oidcAcmeTokens: 'drop', logLevel: 'debug' });
    const { system, provider } = started;
    await signInAt(system.visitor(), provider);
    assert.deepEqual(await keptTokensIn(system), []);
    const { queries } = system.system.core.database;
    const kept = await queries.selectFrom('external_sign_ins').select('kept').execute();
    assert.ok(kept.every((row) => row.kept === null));
    await assert.rejects(providerTokenOf(system), RangeError);
  });

  it('are given to the application, with the scopes that it asked for, until they run out', async () => {
    await using started = await startWithKeptTokens(engine);
    const { system } = started;
    const token = await providerTokenOf(system);
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
    assert.equal((await providerTokenOf(system))?.accessToken, token?.accessToken);
    await system.visitor().register('Ben', ADA.password);
    assert.equal(await providerTokenOf(system, 'Ben'), null, 'nobody else’s');
    await assert.rejects(system.system.providerToken('', 'other'), RangeError);
  });

  it('A57: lie sealed in the database, bound to their row, and open under the key alone', async () => {
    await using started = await startWithKeptTokens(engine, { logLevel: 'debug' });
    const { system, provider } = started;
    const token = await providerTokenOf(system);
    assert.ok(token !== null);
    await signInAt(system.visitor(), provider);
    const again = await providerTokenOf(system);
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
    const [row] = (await keptTokensIn(system)).filter(({ identity_id }) =>
      Buffer.from(identity_id).equals(Buffer.from(ada.id)),
    );
    assert.ok(row);
    await queries
      .updateTable('external_tokens')
      .set({ tokens: row.tokens })
      .where('identity_id', '=', eve.id)
      .execute();
    assert.equal(await providerTokenOf(system, 'Eve'), null);
  });

  it('are had anew by whoever connects the site once more', async () => {
    await using started = await startWithKeptTokens(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await signInAt(ada, provider);
    provider.isTakenBack = true;
    system.clock.advance(2 * HOUR);
    assert.equal(await providerTokenOf(system), null);
    provider.isTakenBack = false;
    system.clock.advance(-2 * HOUR);
    await connectAt(ada, provider);
    assert.match((await ada.get('/account/connections')).body, /That site is connected anew/);
    assert.ok((await providerTokenOf(system)) !== null);
  });

  it('A37: are kept for nobody who is not let in: a step stands in front of them, too', async () => {
    await using provider = await startTwinProvider();
    const step = createStandInStep();
    await using system = await startSystem(acme(provider, KEPT_TOKENS), engine, { features: step.features });
    const ada = system.visitor();
    await registerAt(ada, provider, 'Ada');
    const before = await providerTokenOf(system);
    step.blocked.add((await accountOf(system)).id);
    const late = system.visitor();
    assert.equal((await signInAt(late, provider)).location, step.path);
    assert.equal((await providerTokenOf(system))?.accessToken, before?.accessToken);
    await late.submit(step.path, {});
    assert.notEqual((await providerTokenOf(system))?.accessToken, before?.accessToken);
  });

  it('A57: open no more once the key that sealed them is forgotten, and are had anew by signing in', async () => {
    await using started = await startWithKeptTokens(engine);
    const { system, provider } = started;
    const options = { ...acme(provider, KEPT_TOKENS), databaseUrl: system.databaseUrl };
    const same = existingDatabase(system.databaseUrl);
    const rotated = { ...options, secretKey: `${newToken()},${SECRET_KEY}` };
    {
      await using next = await startSystem(rotated, same);
      assert.ok((await providerTokenOf(next)) !== null, 'while the old one is still there');
    }
    await using last = await startSystem({ ...options, secretKey: newToken() }, same);
    assert.equal(await providerTokenOf(last), null);
    await signInAt(last.visitor(), provider);
    assert.ok((await providerTokenOf(last)) !== null);
  });
});

it('the tokens of a certified provider are refreshed by it', async () => {
  const site = 'http://localhost:3000/oauth/acme/callback';
  await using provider = await startOpenIdProvider(site);
  await using system = await startSystem(acme(provider, { oidcAcmeTokens: 'keep' }));
  system.clock.advance(Date.now() - system.clock.read());
  await registerAt(system.visitor(), provider, 'Ada');
  const first = await providerTokenOf(system);
  assert.ok(first?.scopes.includes('offline_access'));
  system.clock.advance(HOUR + MINUTE);
  const fresh = await providerTokenOf(system);
  assert.ok(fresh !== null && fresh.accessToken !== first?.accessToken);
});
