import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from '@redis/client';
import type { PrivateServer } from '../../scripts/provide/private-server.ts';
import { startRedis } from '../../scripts/provide/redis.ts';
import type { Counters } from '../../src/platform/rate-limit/counters/counters.ts';
import { START_OF_TESTS, until } from '../kit/clock.ts';
import { whileFrozen } from '../kit/database-servers.ts';
import {
  reachInside,
  sharedEngines,
  startSystem,
  startTwoNodes,
  type TestSystem,
  type TwoNodes,
} from '../kit/system.ts';

const NOW = START_OF_TESTS;
const LIMIT = { max: 5, window: 60_000 };
/** The test of a hanging Redis waits for that time. Milliseconds. */
const IMPATIENT = { redisTimeout: 3_000 };
const BACKOFF = { free: 1, firstWait: 1_000, longestWait: 3_000, memory: 60_000 };

/** The number of admitted requests of `count` simultaneous ones, half of them to each node. */
async function letIn(nodes: readonly Counters[], key: string, number: number): Promise<number> {
  const all = Array.from({ length: number }, (_, at) =>
    nodes[at % nodes.length]?.reserve([{ key, rule: LIMIT }], NOW),
  );
  return (await Promise.all(all)).filter((reservation) => reservation?.ok).length;
}

const countersAt = (node: TestSystem) =>
  reachInside(node, 'a page uses several counters, and one is needed here').core.counters;

const countersOf = ({ one, other }: TwoNodes) => [one, other].map(countersAt);

function hasSaid({ one, other }: TwoNodes, event: string): boolean {
  return [one, other].every(({ logLines }) => logLines.some((line) => line.includes(`"event":"${event}"`)));
}

/** Reserves under unused keys until each node has reached Redis again. */
function untilBack(nodes: TwoNodes): Promise<void> {
  let number = 0;
  return until('both nodes count in Redis again', async () => {
    number += 1;
    await letIn(countersOf(nodes), `whether it is back ${number}`, 2);
    return hasSaid(nodes, 'counters-in-redis');
  });
}

for (const engine of sharedEngines.slice(0, 1)) {
  describe('counters of two nodes', () => {
    let redis: PrivateServer;
    before(async () => {
      redis = await startRedis();
    });
    after(() => redis.stop());
    const start = (ports = {}) => startTwoNodes(engine, { redisUrl: redis.url }, ports);

    it('A06: let in no more of a hundred requests than one node would, whichever node they ask', async () => {
      await using nodes = await start();
      assert.equal(await letIn(countersOf(nodes), 'a hundred', 100), LIMIT.max);
      assert.ok(!hasSaid(nodes, 'counters-in-database'), 'counted in Redis');
    });

    it('are kept in Redis no longer than they count', async () => {
      await using nodes = await start();
      const [one, other] = [countersAt(nodes.one), countersAt(nodes.other)];
      for (const rule of [LIMIT, BACKOFF]) {
        const demand = { key: `kept ${JSON.stringify(rule)}`, rule };
        const reservation = await one.reserve([demand], NOW);
        assert.ok(reservation.ok);
        await other.giveBack(reservation.permits);
      }
      const client = createClient({ url: redis.url });
      await client.connect();
      try {
        const keys = await client.keys('*');
        assert.ok(keys.length >= 2, 'counted in Redis');
        for (const key of keys) {
          const left = await client.pTTL(key);
          // -1: no expiry, -2: already deleted.
          assert.ok(left !== -1 && left <= LIMIT.window, String(left));
        }
      } finally {
        client.destroy();
      }
    });

    it('A58: are kept in the database while Redis is down, and in Redis as soon as it is back', async () => {
      await using nodes = await start();
      const counters = countersOf(nodes);
      await letIn(counters, 'before', LIMIT.max);
      await redis.halt();
      try {
        assert.equal(await letIn(counters, 'meanwhile', 20), LIMIT.max, 'the door is not open');
        assert.equal(await letIn(counters, 'meanwhile', 20), 0);
        assert.ok(hasSaid(nodes, 'counters-in-database'));
      } finally {
        await redis.resume();
      }
      await untilBack(nodes);
      assert.equal(await letIn(counters, 'afterwards', 20), LIMIT.max);
      // The database still knows the permits that it gave, and Redis does not: that is the price.
      assert.equal(await letIn(counters, 'meanwhile', 20), LIMIT.max);
    });

    it('A58: are kept in the database while Redis hangs', async () => {
      await using nodes = await start(IMPATIENT);
      const counters = countersOf(nodes);
      await whileFrozen(redis, async () => {
        assert.equal(await letIn(counters, 'hanging', 20), LIMIT.max);
        assert.equal(await letIn(counters, 'hanging', 20), 0);
        assert.ok(hasSaid(nodes, 'counters-in-database'));
      });
      await untilBack(nodes);
      assert.equal(await letIn(counters, 'no longer hanging', 20), LIMIT.max);
    });

    it('A58: never return a permit of Redis to the database, where it would erase a failure', async () => {
      await using nodes = await start();
      const counters = countersAt(nodes.one);
      const demand = { key: 'a failure in each store', rule: BACKOFF };
      const inRedis = await counters.reserve([demand], NOW);
      assert.ok(inRedis.ok);
      await redis.halt();
      try {
        // A failure that the database counts, after which the back-off refuses.
        assert.ok((await counters.reserve([demand], NOW)).ok);
        assert.ok(!(await counters.reserve([demand], NOW)).ok);
        await counters.giveBack(inRedis.permits);
        assert.ok(!(await counters.reserve([demand], NOW)).ok, 'the failure in the database still counts');
      } finally {
        await redis.resume();
      }
      await untilBack(nodes);
    });

    it('A58: return a permit of the database to the database after Redis is back', async () => {
      await using nodes = await start();
      const counters = countersAt(nodes.one);
      const demand = { key: 'returned later', rule: { ...LIMIT, max: 1 } };
      await redis.halt();
      const inDatabase = await counters.reserve([demand], NOW).finally(() => redis.resume());
      assert.ok(inDatabase.ok);
      await untilBack(nodes);
      assert.ok((await counters.reserve([demand], NOW)).ok, 'Redis has not counted it');
      await counters.giveBack(inDatabase.permits);
      assert.ok(!(await counters.reserve([demand], NOW)).ok, 'the permit of Redis stays taken');
      await redis.halt();
      try {
        assert.ok((await counters.reserve([demand], NOW)).ok, 'the database has its permit again');
      } finally {
        await redis.resume();
      }
      await untilBack(nodes);
    });

    it('report a defect in what Redis stores instead of treating it as an outage', async () => {
      await using nodes = await start();
      const counters = countersAt(nodes.one);
      const client = createClient({ url: redis.url });
      await client.connect();
      try {
        await client.flushAll();
        const demand = { key: 'of the wrong type', rule: LIMIT };
        await counters.reserve([demand], NOW);
        const [key = ''] = await client.keys('*');
        await client.del(key);
        await client.set(key, 'no counter');
        await assert.rejects(counters.reserve([demand], NOW), /WRONGTYPE/);
        assert.ok(!hasSaid(nodes, 'counters-in-database'));
      } finally {
        await client.flushAll();
        client.destroy();
      }
    });

    it('A58: do not prevent a node from starting while Redis hangs', async () => {
      await whileFrozen(redis, async () => {
        await using node = await startSystem({ redisUrl: redis.url }, engine);
        assert.equal(await letIn([countersAt(node)], 'from the start', 20), LIMIT.max);
        assert.match(node.logLines.join(''), /"event":"counters-in-database"/);
      });
    });
  });
}
