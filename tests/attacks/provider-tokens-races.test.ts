import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ProviderUnavailableError } from '../../src/index.ts';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { until } from '../kit/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  acme,
  connectProvider,
  providerTokenOf,
  STORED_TOKENS,
  signInWithProvider,
  startTwinProvider,
  startWithStoredTokens,
  storedTokensIn,
} from '../kit/federation.ts';
import { reachInside, startSystem } from '../kit/system.ts';
import { ADA } from '../kit/visitor.ts';

onEveryDatabase('the tokens of a provider', (engine) => {
  it('A15: are refreshed once when sixteen requests ask for them at once', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system, provider } = started;
    const first = await providerTokenOf(system);
    system.clock.advance(59 * MINUTE + 1);
    const tokens = await Promise.all(Array.from({ length: 16 }, () => providerTokenOf(system)));
    assert.equal(provider.refreshed, 1);
    const [fresh] = tokens;
    assert.ok(fresh && fresh.accessToken !== first?.accessToken);
    assert.equal(new Set(tokens.map((token) => token?.accessToken)).size, 1);
    assert.equal(fresh.expiresAt, system.clock.read() + HOUR);
    system.clock.advance(2 * HOUR);
    assert.notEqual((await providerTokenOf(system))?.accessToken, fresh.accessToken);
    assert.equal(provider.refreshed, 2, 'with the refresh token that came last');
  });

  it('A15: keep their refresh token when the user signs in while they are refreshed', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system, provider } = started;
    system.clock.advance(2 * HOUR);
    const held = Promise.withResolvers<void>();
    provider.held = held.promise;
    provider.isSparing = true;
    const before = provider.asked.length;
    const refreshing = providerTokenOf(system);
    await until('the provider is asked', async () => provider.asked.slice(before).includes('/token'));
    assert.equal((await signInWithProvider(system.visitor(), provider)).location, '/dashboard');
    held.resolve();
    assert.ok((await refreshing) !== null);
    provider.held = null;
    for (let times = 2; times < 5; times += 1) {
      system.clock.advance(2 * HOUR);
      assert.ok((await providerTokenOf(system)) !== null, 'with the refresh token that came last');
      assert.equal(provider.refreshed, times);
    }
  });

  it('are deleted when the provider no longer accepts them, and replaced at the next sign-in', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system, provider } = started;
    provider.isTakenBack = true;
    system.clock.advance(2 * HOUR);
    assert.equal(await providerTokenOf(system), null);
    assert.deepEqual(await storedTokensIn(system), []);
    provider.isTakenBack = false;
    await signInWithProvider(system.visitor(), provider);
    assert.ok((await providerTokenOf(system)) !== null);
  });

  it('A58: stay while the provider is unreachable, and are refreshed once it is back', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system, provider } = started;
    system.clock.advance(2 * HOUR);
    provider.faults = { at: { '/token': (response) => void response.destroy() } };
    await assert.rejects(providerTokenOf(system), ProviderUnavailableError);
    provider.faults = {};
    assert.ok((await providerTokenOf(system)) !== null);
    assert.equal(provider.refreshed, 1);
  });

  it('are not refreshed by a second node until the lease of the first node expires', async () => {
    await using started = await startWithStoredTokens(engine);
    const { system } = started;
    system.clock.advance(2 * HOUR);
    const { queries } = reachInside(system, 'a second node that died while it refreshed').core.database;
    await queries
      .updateTable('external_tokens')
      .set({ refreshing_until: system.clock.read() + 1 })
      .execute();
    await assert.rejects(providerTokenOf(system), ProviderUnavailableError);
    assert.ok(system.pauses.length > 10);
    system.clock.advance(1);
    assert.ok((await providerTokenOf(system)) !== null);
  });

  it('are kept when a user connects the provider, and deleted when the user disconnects it', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider, STORED_TOKENS), engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    assert.equal(await providerTokenOf(system), null);
    await connectProvider(ada, provider);
    assert.ok((await providerTokenOf(system)) !== null);
    const { body } = await ada.get('/account/connections');
    const disconnect = /name="disconnect" value="([^"]+)"/.exec(body)?.[1] ?? '';
    await ada.submit('/account/connections', { disconnect });
    assert.equal(await providerTokenOf(system), null);
    assert.deepEqual(await storedTokensIn(system), []);
  });
});
