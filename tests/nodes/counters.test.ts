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
const LIMIT = { most: 5, window: 60_000 };

/** Of so many who come at once, half of them to each node, how many are let in. */
async function letIn(nodes: readonly Counters[], key: string, number: number): Promise<number> {
  const all = Array.from({ length: number }, (_, at) =>
    nodes[at % nodes.length]?.reserve([{ key, rule: LIMIT }], NOW),
  );
  return (await Promise.all(all)).filter((reservation) => reservation?.allowed).length;
}

const countersAt = (node: TestSystem) =>
  reachInside(node, 'a page uses several counters, and one is needed here').core.counters;

const countersOf = ({ one, other }: TwoNodes) => [one, other].map(countersAt);

function hasSaid({ one, other }: TwoNodes, event: string): boolean {
  return [one, other].every(({ logLines }) => logLines.some((line) => line.includes(`"event":"${event}"`)));
}

/** Reserves under names that mean nothing until each node has seen Redis again. */
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
    const start = () => startTwoNodes(engine, { redisUrl: redis.url });

    it('A06: let in no more of a hundred requests than one node would, whichever node they ask', async () => {
      await using nodes = await start();
      assert.equal(await letIn(countersOf(nodes), 'a hundred', 100), LIMIT.most);
      assert.ok(!hasSaid(nodes, 'counters-in-database'), 'counted in Redis');
    });

    it('are kept in Redis no longer than they count', async () => {
      await using nodes = await start();
      const [one, other] = [countersAt(nodes.one), countersAt(nodes.other)];
      const backoff = { free: 1, firstWait: 1_000, longestWait: 3_000, memory: LIMIT.window };
      for (const rule of [LIMIT, backoff]) {
        const demand = { key: `kept ${JSON.stringify(rule)}`, rule };
        const reservation = await one.reserve([demand], NOW);
        assert.ok(reservation.allowed);
        await other.giveBack(reservation.taken);
      }
      const client = createClient({ url: redis.url });
      await client.connect();
      try {
        const keys = await client.keys('*');
        assert.ok(keys.length >= 2, 'counted in Redis');
        for (const key of keys) {
          const left = await client.pTTL(key);
          // -1 is for ever, -2 is gone already.
          assert.ok(left !== -1 && left <= LIMIT.window, String(left));
        }
      } finally {
        client.destroy();
      }
    });

    it('A58: are kept in the database while Redis is down, and in Redis as soon as it is back', async () => {
      await using nodes = await start();
      const counters = countersOf(nodes);
      await letIn(counters, 'before', LIMIT.most);
      await redis.halt();
      try {
        assert.equal(await letIn(counters, 'meanwhile', 20), LIMIT.most, 'the door is not open');
        assert.equal(await letIn(counters, 'meanwhile', 20), 0);
        assert.ok(hasSaid(nodes, 'counters-in-database'));
      } finally {
        await redis.resume();
      }
      await untilBack(nodes);
      assert.equal(await letIn(counters, 'afterwards', 20), LIMIT.most);
      // The database still knows whom it has let in, and Redis does not: that is the price.
      assert.equal(await letIn(counters, 'meanwhile', 20), LIMIT.most);
    });

    it('A58: are kept in the database while Redis hangs', async () => {
      await using nodes = await start();
      const counters = countersOf(nodes);
      await whileFrozen(redis, async () => {
        assert.equal(await letIn(counters, 'hanging', 20), LIMIT.most);
        assert.equal(await letIn(counters, 'hanging', 20), 0);
        assert.ok(hasSaid(nodes, 'counters-in-database'));
      });
      await untilBack(nodes);
      assert.equal(await letIn(counters, 'no longer hanging', 20), LIMIT.most);
    });

    it('A58: do not prevent a node from starting while Redis hangs', async () => {
      await whileFrozen(redis, async () => {
        await using node = await startSystem({ redisUrl: redis.url }, engine);
        assert.equal(await letIn([countersAt(node)], 'from the start', 20), LIMIT.most);
        assert.match(node.logLines.join(''), /"event":"counters-in-database"/);
      });
    });
  });
}
