import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { START_OF_TESTS } from '../../../tests/support/clock.ts';
import { engines } from '../../../tests/support/databases.ts';
import { REDIS_URL } from '../../../tests/support/redis.ts';
import { startSystem } from '../../../tests/support/system.ts';
import { newToken } from '../tokens.ts';
import type { Counters } from './counters.ts';
import { createRedisCounters } from './redis-counters.ts';

const NOW = START_OF_TESTS;
const LIMIT = { most: 5, window: 60_000 };

type Store = {
  readonly name: string;
  readonly open: () => Promise<AsyncDisposable & { counters: Counters }>;
};

const stores: readonly Store[] = [
  ...engines.map((engine) => ({
    name: engine.name,
    open: async () => {
      const system = await startSystem({}, engine);
      const { counters } = system.system.core;
      return { counters, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
    },
  })),
  ...(REDIS_URL === undefined ? [] : [{ name: 'Redis', open: () => openRedis(REDIS_URL ?? '') }]),
];

async function openRedis(url: string) {
  const counters = createRedisCounters(url);
  await counters.tried;
  return { counters, [Symbol.asyncDispose]: counters.close };
}

for (const { name, open } of stores) {
  describe(`a counter (${name})`, () => {
    const key = () => `test ${name} ${newToken()}`;

    it('allows as many as its limit says, and says when counting starts anew', async () => {
      await using store = await open();
      const counted = key();
      for (let remaining = 4; remaining >= 0; remaining -= 1) {
        assert.deepEqual(await store.counters.reserve(counted, LIMIT, NOW), { allowed: true, remaining });
      }
      const refusal = { allowed: false, retryAt: NOW + LIMIT.window };
      assert.deepEqual(await store.counters.reserve(counted, LIMIT, NOW + 1_000), refusal);
      assert.deepEqual(
        await store.counters.reserve(counted, LIMIT, NOW + 59_999),
        refusal,
        'not put off by asking',
      );
      const anew = { allowed: true, remaining: 4 };
      assert.deepEqual(await store.counters.reserve(counted, LIMIT, NOW + LIMIT.window), anew);
    });

    it('A06: allows no more of a hundred that come at once', async () => {
      await using store = await open();
      const counted = key();
      for (const at of [NOW, NOW + LIMIT.window]) {
        const all = await Promise.all(
          Array.from({ length: 100 }, () => store.counters.reserve(counted, LIMIT, at)),
        );
        assert.equal(all.filter(({ allowed }) => allowed).length, 5);
      }
    });

    it('counts each key by itself, and forgets one when told', async () => {
      await using store = await open();
      const [one, other] = [key(), key()];
      const single = { most: 1, window: 1_000 };
      for (const counted of [one, other]) {
        assert.equal((await store.counters.reserve(counted, single, NOW)).allowed, true);
        assert.equal((await store.counters.reserve(counted, single, NOW)).allowed, false);
      }
      await store.counters.clear(one);
      assert.equal((await store.counters.reserve(one, single, NOW)).allowed, true);
      assert.equal((await store.counters.reserve(other, single, NOW)).allowed, false);
    });
  });
}
