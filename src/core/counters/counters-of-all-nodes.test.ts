import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { START_OF_TESTS } from '../../../tests/kit/clock.ts';
import { reachInside, startSystem } from '../../../tests/kit/system.ts';
import { freePort } from '../../../tests/kit/temporary.ts';

const NOW = START_OF_TESTS;
const ONE = { most: 1, window: 60_000 };

describe('counters shared by several nodes', () => {
  it('A58: are counted in the database if Redis is unavailable from the start', async () => {
    await using node = await startSystem({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const { counters } = reachInside(node, 'requests count under rules of their own').core;
    assert.equal((await counters.reserve([{ key: 'x', rule: ONE }], NOW)).allowed, true);
    assert.equal((await counters.reserve([{ key: 'x', rule: ONE }], NOW)).allowed, false);
    assert.match(node.logLines.join(''), /"event":"counters-in-database"/);
  });
});
