import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { START_OF_TESTS } from '../../../../tests/kit/clock.ts';
import { reachInside, startSystem } from '../../../../tests/kit/system.ts';
import { freePort } from '../../../../tests/kit/temporary.ts';
import { createLog } from '../../observability/index.ts';
import { type Counters, StoreUnavailable } from './counters.ts';
import { createFallbackCounters } from './fallback-counters.ts';

const NOW = START_OF_TESTS;
const ONE = { max: 1, window: 60_000 };

describe('counters shared by several nodes', () => {
  it('A58: are counted in the database if Redis is unavailable from the start', async () => {
    await using node = await startSystem({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const { counters } = reachInside(node, 'requests count under rules of their own').core;
    assert.equal((await counters.reserve([{ key: 'x', rule: ONE }], NOW)).ok, true);
    assert.equal((await counters.reserve([{ key: 'x', rule: ONE }], NOW)).ok, false);
    assert.match(node.logLines.join(''), /"event":"counters-in-database"/);
  });

  it('A58: are forgotten in the database, too, when a success clears them in Redis', async () => {
    await using node = await startSystem();
    const { core } = reachInside(node, 'requests count under rules of their own');
    let isAway = true;
    const answer = async () => {
      if (isAway) throw new StoreUnavailable('Redis is away');
    };
    const redis: Counters = {
      reserve: () => answer().then(() => ({ ok: true, permits: [] })),
      giveBack: answer,
      clear: answer,
    };
    const log = createLog('silent', node.clock.read);
    const counters = createFallbackCounters(redis, core.counters, log);
    const isAllowed = async () => (await counters.reserve([{ key: 'x', rule: ONE }], NOW)).ok;
    assert.deepEqual([await isAllowed(), await isAllowed()], [true, false]);
    isAway = false;
    await counters.clear(['x']);
    isAway = true;
    assert.equal(await isAllowed(), true);
  });

  it('throw an error that is no outage, such as a TypeError', async () => {
    await using node = await startSystem();
    const { core } = reachInside(node, 'no request makes a store fail');
    const fail = async () => {
      throw new TypeError('a defect');
    };
    const redis: Counters = { reserve: fail, giveBack: fail, clear: fail };
    const counters = createFallbackCounters(redis, core.counters, createLog('silent', node.clock.read));
    await assert.rejects(counters.reserve([{ key: 'x', rule: ONE }], NOW), TypeError);
    await assert.rejects(counters.clear(['x']), TypeError);
  });
});
