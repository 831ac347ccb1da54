import { createSecretKey, randomBytes } from 'node:crypto';
import { createRedisCounters } from '../../../platform/rate-limit/counters/redis-counters.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { findingsOf } from '../finding.ts';

const { ok, fault } = findingsOf('redis');

/** Whether Redis answers, where there is one. */
export const redis: Check<GivenValues> = {
  name: 'redis',
  run: async ({ redisUrl }) => {
    if (redisUrl === undefined) return [];
    // Nothing is counted, so what would name the keys does not matter.
    const counters = createRedisCounters(redisUrl, createSecretKey(randomBytes(32)));
    try {
      await counters.tried;
      await counters.ping();
      return [ok('answers')];
    } catch {
      return [
        fault(
          'does not answer; the nodes count in the database meanwhile',
          'see that it runs, and that REDIS_URL names its address and password',
        ),
      ];
    } finally {
      await counters.close();
    }
  },
};
