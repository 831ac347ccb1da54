import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  connectProvider,
  identitiesIn,
  providerTokenOf,
  registerWithProvider,
  STORED_TOKENS,
  signInWithProvider,
  startTwinProvider,
  startWithStoredTokens,
  startWithTwoProviders,
  storedTokensIn,
} from '../kit/federation.ts';
import { startOpenIdProvider } from '../kit/openid-provider.ts';
import { createTestStep } from '../kit/sign-in-steps.ts';
import { reachInside, SECRET_KEY, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, accountOf } from '../kit/visitor.ts';

/** Everything in the database as text; bytes as base64 and unchanged. */
const databaseOf = (system: TestSystem) =>
  reachInside(system, 'no page shows how tokens are stored').core.database;

async function dumped(system: TestSystem): Promise<string> {
  const { queries } = databaseOf(system);
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
  it('are not stored when OIDC_<NAME>_TOKENS is “drop”', async () => {
    await using started = await startWithStoredTokens(engine, { oidcAcmeTokens: 'drop', logLevel: 'debug' });
    const { system, provider } = started;
    await signInWithProvider(system.visitor(), provider);
    assert.deepEqual(await storedTokensIn(system), []);
    const { queries } = databaseOf(system);
    const kept = await queries.selectFrom('external_sign_ins').select('kept').execute();
    assert.ok(kept.every((row) => row.kept === null));
    await assert.rejects(providerTokenOf(system), RangeError);
  });

  it('are given to the application with their scopes until they expire', async () => {
    await using started = await startWithStoredTokens(engine);
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
    const { providerToken } = reachInside(system, 'an application calls this, and no page does');
    assert.equal(await providerToken('no id', 'acme'), null, 'an application may pass any text');
    await assert.rejects(providerToken('', 'other'), RangeError);
  });

  it('are given only for the provider that the application names', async () => {
    await using started = await startWithTwoProviders(engine, { ...STORED_TOKENS, oidcSecondTokens: 'keep' });
    const { system, provider } = started;
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const token = await providerTokenOf(system);
    assert.ok(token !== null);
    provider.profile = { sub: 'ada-at-the-second' };
    await connectProvider(ada, provider, 'second');
    system.clock.advance(MINUTE);
    await signInWithProvider(system.visitor(), provider, 'second');
    assert.deepEqual(await providerTokenOf(system), token);
  });

  it('A57: are sealed in the database, bound to their row, and absent from the log', async () => {
    await using started = await startWithStoredTokens(engine, { logLevel: 'debug' });
    const { system, provider } = started;
    const token = await providerTokenOf(system);
    assert.ok(token !== null);
    await signInWithProvider(system.visitor(), provider);
    const again = await providerTokenOf(system);
    const lying = await dumped(system);
    for (const secret of [token.accessToken, String(again?.accessToken)]) {
      assert.ok(!lying.includes(secret));
      assert.ok(!system.logLines.join('').includes(secret));
    }
    // An attacker who can write to the database moves Ada's tokens to their own identity.
    provider.profile = { sub: 'eve-there' };
    await registerWithProvider(system.visitor(), provider, 'Eve');
    const all = await identitiesIn(system);
    const [ada, eve] = ['ada-there', 'eve-there'].map((subject) =>
      all.find((one) => one.subject === subject),
    );
    assert.ok(ada && eve);
    const { queries } = databaseOf(system);
    const [row] = (await storedTokensIn(system)).filter(({ identity_id }) =>
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

  it('are stored again when the user connects the provider again', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system, provider } = started;
    const ada = system.visitor();
    await signInWithProvider(ada, provider);
    provider.isTakenBack = true;
    system.clock.advance(2 * HOUR);
    assert.equal(await providerTokenOf(system), null);
    provider.isTakenBack = false;
    system.clock.advance(-2 * HOUR);
    await connectProvider(ada, provider);
    assert.match((await ada.get('/account/connections')).body, /That site is connected again/);
    assert.ok((await providerTokenOf(system)) !== null);
  });

  it('A37: are not stored before the required step of the sign-in is done', async () => {
    await using provider = await startTwinProvider();
    const step = createTestStep();
    await using system = await startSystem(acme(provider, STORED_TOKENS), engine, {
      features: step.features,
    });
    const ada = system.visitor();
    await registerWithProvider(ada, provider, 'Ada');
    const before = await providerTokenOf(system);
    step.blocked.add((await accountOf(system)).id);
    const late = system.visitor();
    assert.equal((await signInWithProvider(late, provider)).location, step.path);
    assert.equal((await providerTokenOf(system))?.accessToken, before?.accessToken);
    await late.submit(step.path, {});
    assert.notEqual((await providerTokenOf(system))?.accessToken, before?.accessToken);
  });

  it('A57: cannot be opened once the key that sealed them is removed, and are replaced at the next sign-in', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system, provider } = started;
    const options = { ...acme(provider, STORED_TOKENS), databaseUrl: system.databaseUrl };
    const same = existingDatabase(system.databaseUrl);
    const rotated = { ...options, secretKey: `${newToken()},${SECRET_KEY}` };
    {
      await using next = await startSystem(rotated, same);
      assert.ok((await providerTokenOf(next)) !== null, 'while the old one is still there');
    }
    await using last = await startSystem({ ...options, secretKey: newToken() }, same);
    assert.equal(await providerTokenOf(last), null);
    await signInWithProvider(last.visitor(), provider);
    assert.ok((await providerTokenOf(last)) !== null);
  });
});

it('the tokens of a certified provider are refreshed when they have expired', async () => {
  const site = 'http://localhost:3000/oauth/acme/callback';
  await using provider = await startOpenIdProvider(site);
  await using system = await startSystem(acme(provider, { oidcAcmeTokens: 'keep' }));
  system.clock.advance(Date.now() - system.clock.read());
  await registerWithProvider(system.visitor(), provider, 'Ada');
  const first = await providerTokenOf(system);
  assert.ok(first?.scopes.includes('offline_access'));
  system.clock.advance(HOUR + MINUTE);
  const fresh = await providerTokenOf(system);
  assert.ok(fresh !== null && fresh.accessToken !== first?.accessToken);
});
