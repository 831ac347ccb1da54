import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { START_OF_TESTS } from '../../../../tests/kit/clock.ts';
import { engines, REDIS_URL } from '../../../../tests/kit/databases.ts';
import { reachInside, startSystem } from '../../../../tests/kit/system.ts';
import { newToken } from '../../crypto/tokens.ts';
import type { Counters, Demand, Rule } from './counters.ts';
import { createRedisCounters } from './redis-counters.ts';
import { type Count, decide } from './rules.ts';

const NOW = START_OF_TESTS;
const FIVE = { max: 5, window: 60_000 };
const ONE = { max: 1, window: 1_000 };
const BACKOFF = { free: 2, firstWait: 1_000, longestWait: 3_000, memory: 100_000 };

type Store = {
  readonly name: string;
  readonly open: () => Promise<AsyncDisposable & { counters: Counters }>;
};

const stores: readonly Store[] = [
  ...engines.map((engine) => ({
    name: engine.name,
    open: async () => {
      const system = await startSystem({}, engine);
      const { counters } = reachInside(system, 'requests count under rules of their own').core;
      return { counters, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
    },
  })),
  ...(REDIS_URL === undefined ? [] : [{ name: 'Redis', open: () => openRedis(REDIS_URL ?? '') }]),
];

async function openRedis(url: string) {
  const counters = createRedisCounters(url, createSecretKey(randomBytes(32)));
  await counters.tried;
  return { counters, [Symbol.asyncDispose]: counters.close };
}

for (const { name, open } of stores) {
  describe(`a counter (${name})`, () => {
    const key = () => `test ${name} ${newToken()}`;
    const isAllowed = async (counters: Counters, counted: string, rule: Rule, now: number) =>
      (await counters.reserve([{ key: counted, rule }], now)).ok;

    it('allows as many reservations as its rule says, and returns when its window ends', async () => {
      await using store = await open();
      const counted = key();
      const reserve = (now: number) => store.counters.reserve([{ key: counted, rule: FIVE }], now);
      for (let count = 1; count <= 5; count += 1) assert.equal((await reserve(NOW + count)).ok, true);
      const refusal = { ok: false, refusals: [{ key: counted, retryAt: NOW + 1 + FIVE.window }] };
      assert.deepEqual(await reserve(NOW + 1_000), refusal);
      assert.deepEqual(await reserve(NOW + FIVE.window), refusal, 'not put off by asking');
      assert.equal((await reserve(NOW + 1 + FIVE.window)).ok, true);
    });

    it('A06: allows no more than its rule when a hundred reservations come at once', async () => {
      await using store = await open();
      const counted = key();
      for (const at of [NOW, NOW + FIVE.window]) {
        const all = await Promise.all(
          Array.from({ length: 100 }, () => isAllowed(store.counters, counted, FIVE, at)),
        );
        assert.equal(all.filter(Boolean).length, 5);
      }
    });

    it('A07: lengthens each wait up to a bound, ends each wait, and limits again after it', async () => {
      await using store = await open();
      const counted = key();
      let now = NOW;
      assert.equal(await isAllowed(store.counters, counted, BACKOFF, now), true);
      for (const wait of [1_000, 2_000, 3_000, 3_000]) {
        assert.equal(await isAllowed(store.counters, counted, BACKOFF, now), true);
        const refusal = { ok: false, refusals: [{ key: counted, retryAt: now + wait }] };
        for (const meanwhile of [now, now + wait - 1]) {
          // Nothing that comes meanwhile prolongs it.
          assert.deepEqual(
            await store.counters.reserve([{ key: counted, rule: BACKOFF }], meanwhile),
            refusal,
          );
        }
        now += wait;
      }
      now += BACKOFF.memory;
      for (let attempt = 1; attempt <= 2; attempt += 1)
        assert.equal(await isAllowed(store.counters, counted, BACKOFF, now), true, 'forgotten at last');
      assert.equal(await isAllowed(store.counters, counted, BACKOFF, now), false);
    });

    it('reserves a place under every key or under none', async () => {
      await using store = await open();
      const [full, free] = [key(), key()];
      assert.equal(await isAllowed(store.counters, full, ONE, NOW), true);
      const both = [full, free].map((counted) => ({ key: counted, rule: ONE }));
      const refused = await store.counters.reserve(both, NOW);
      assert.deepEqual(refused, { ok: false, refusals: [{ key: full, retryAt: NOW + ONE.window }] });
      assert.equal(await isAllowed(store.counters, free, ONE, NOW), true, 'the other one was left alone');
    });

    it('counts distinct things, not repetitions, when asked to', async () => {
      await using store = await open();
      const [different, ...things] = [key(), key(), key(), key()];
      const once = (thing: string): readonly Demand[] => [
        { key: thing, rule: FIVE },
        { key: different, rule: { max: 2, window: 60_000 }, whenFirstOf: thing },
      ];
      const [first = '', second = '', third = ''] = things;
      for (const thing of [first, first, first, second, first, second])
        assert.equal((await store.counters.reserve(once(thing), NOW)).ok, true);
      assert.equal((await store.counters.reserve(once(third), NOW)).ok, false);
    });

    it('gives back a reservation together with the wait that it began', async () => {
      await using store = await open();
      const [counted, waited] = [key(), key()];
      const demands = [
        { key: counted, rule: ONE },
        { key: waited, rule: { ...BACKOFF, free: 1 } },
      ];
      const reservation = await store.counters.reserve(demands, NOW);
      assert.ok(reservation.ok);
      assert.equal((await store.counters.reserve(demands, NOW)).ok, false);
      await store.counters.giveBack(reservation.permits);
      assert.equal((await store.counters.reserve(demands, NOW)).ok, true);
    });

    it('gives back a reservation and keeps the wait that a later one began', async () => {
      await using store = await open();
      const demand = { key: key(), rule: { ...BACKOFF, free: 1 } };
      const first = await store.counters.reserve([demand], NOW);
      assert.ok(first.ok);
      const later = NOW + BACKOFF.firstWait;
      assert.equal((await store.counters.reserve([demand], later)).ok, true);
      await store.counters.giveBack(first.permits);
      assert.deepEqual(await store.counters.reserve([demand], later), {
        ok: false,
        refusals: [{ key: demand.key, retryAt: later + 2 * BACKOFF.firstWait }],
      });
    });

    it('A68 I21: opens a full window again with each reservation that is given back', async () => {
      await using store = await open();
      const counted = key();
      const reserve = () => store.counters.reserve([{ key: counted, rule: FIVE }], NOW);
      const all = await Promise.all(Array.from({ length: 5 }, reserve));
      assert.equal((await reserve()).ok, false);
      const permits = all.flatMap((reservation) => (reservation.ok ? reservation.permits : []));
      assert.equal(permits.length, 5);
      // All but one turned out not to count, in whatever order, such as sign-ins with the right password.
      for (const permit of permits.toSpliced(2, 1)) await store.counters.giveBack([permit]);
      for (let free = 1; free <= 4; free += 1) assert.equal((await reserve()).ok, true);
      assert.equal((await reserve()).ok, false);
    });

    it('gives back no reservation of an earlier window', async () => {
      await using store = await open();
      const counted = key();
      const before = await store.counters.reserve([{ key: counted, rule: ONE }], NOW);
      assert.ok(before.ok);
      assert.equal(await isAllowed(store.counters, counted, ONE, NOW + ONE.window), true);
      await store.counters.giveBack(before.permits);
      assert.equal(await isAllowed(store.counters, counted, ONE, NOW + ONE.window), false);
    });

    it('counts each key separately, and clears only the given one', async () => {
      await using store = await open();
      const [one, other] = [key(), key()];
      for (const counted of [one, other]) {
        assert.equal(await isAllowed(store.counters, counted, ONE, NOW), true);
        assert.equal(await isAllowed(store.counters, counted, ONE, NOW), false);
      }
      await store.counters.clear([one]);
      assert.equal(await isAllowed(store.counters, one, ONE, NOW), true);
      assert.equal(await isAllowed(store.counters, other, ONE, NOW), false);
    });

    it('decides like the model in a long sequence of mixed reservations', async () => {
      await using store = await open();
      const keys = [key(), key(), key()];
      const rules = [{ max: 2, window: 5_000 }, BACKOFF, { max: 3, window: 20_000 }];
      const storeName = name === 'Redis' ? 'redis' : 'database';
      const model = new Map<string, Count>();
      let now = NOW;
      // Not random, so that a failure can be seen again: a walk through steps of many lengths and all sets of keys.
      for (let step = 1; step <= 120; step += 1) {
        now += (step * 7_919) % 1_700;
        const demands = keys.flatMap((counted, at): readonly Demand[] => {
          const rule = rules[at];
          if (rule === undefined || ((step * 5) >> at) % 2 === 0) return [];
          return [{ key: counted, rule, ...(at === 2 && { whenFirstOf: keys[0] ?? '' }) }];
        });
        if (demands.length === 0 || !demands.some(({ key: counted }) => counted === keys[0])) continue;
        const expected = decide(model, demands, now);
        const actual = await store.counters.reserve(demands, now);
        if (expected.ok) {
          for (const { demand, next } of expected.changes) model.set(demand.key, next);
          const permits = expected.changes.map(({ permit }) => ({ ...permit, store: storeName }));
          assert.deepEqual(actual, { ok: true, permits });
        } else assert.deepEqual(actual, expected, `step ${step}`);
      }
    });
  });
}
