import { once } from 'node:events';
import { createClient } from '@redis/client';
import { z } from 'zod';
import { hashToken } from '../tokens.ts';
import type { CounterLimit, Counters } from './counters.ts';

/** Counters in Redis or Valkey, shared by all nodes. Their methods reject when it is away. */
export type RedisCounters = Counters & {
  /** Settles once Redis has answered, or has failed to for the first time. */
  readonly tried: Promise<void>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const CONNECT_TIMEOUT_MILLISECONDS = 2_000;
/** Waiting longer would cost a request more than counting in the database does. */
const COMMAND_TIMEOUT_MILLISECONDS = 250;
const RECONNECT_MILLISECONDS = 1_000;

// One script is one step: nobody gets in between. The time is ours, so that all nodes and tests have one clock; Redis's
// own only tidies up. KEYS: the counter. ARGV: most, window, now. Answer: whether it is allowed, the count, until when.
const RESERVE = `
local most, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local counter = redis.call('hmget', KEYS[1], 'count', 'until')
local count, till = tonumber(counter[1]), tonumber(counter[2])
if not count or till <= now then
  count, till = 0, now + window
end
if count >= most then
  return {0, count, tostring(till)}
end
redis.call('hset', KEYS[1], 'count', count + 1, 'until', string.format('%.0f', till))
redis.call('pexpire', KEYS[1], window)
return {1, count + 1, string.format('%.0f', till)}
`;

const answer = z.tuple([z.number(), z.number(), z.coerce.number()]);

/** @param url `redis://…`, or `rediss://…` for TLS */
export function createRedisCounters(url: string): RedisCounters {
  const client = createClient({
    url,
    // A command is answered now or counted elsewhere; none waits for Redis to come back.
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_TIMEOUT_MILLISECONDS },
    socket: { connectTimeout: CONNECT_TIMEOUT_MILLISECONDS, reconnectStrategy: RECONNECT_MILLISECONDS },
  });
  // Whoever asks hears that it is away; without a listener the first error would end the process.
  client.on('error', () => {});
  // It goes on trying for as long as Redis is away.
  client.connect().catch(() => {});
  const tried = Promise.race([once(client, 'ready'), once(client, 'error')]).then(
    () => {},
    () => {},
  );
  return {
    tried,
    reserve: async (key, limit, now) => {
      const reply = await client.eval(RESERVE, { keys: [redisKey(key)], arguments: asArguments(limit, now) });
      const [isAllowed, count, until] = answer.parse(reply);
      if (isAllowed === 0) return { allowed: false, retryAt: until };
      return { allowed: true, remaining: Math.max(0, limit.most - count) };
    },
    clear: async (key) => {
      await client.del(redisKey(key));
    },
    ping: async () => {
      await client.ping();
    },
    close: async () => {
      client.destroy();
    },
  };
}

function asArguments({ most, window }: CounterLimit, now: number): string[] {
  return [most, window, now].map(String);
}

// Hashed, so that Redis holds no names and addresses.
function redisKey(key: string): string {
  return `latchkey:counter:${hashToken(key).toString('base64url')}`;
}
