import { once } from 'node:events';
import { createClient } from '@redis/client';
import { z } from 'zod';
import { hashToken } from '../tokens.ts';
import { TookTooLong, waitAtMost } from '../wait-at-most.ts';
import type { CounterLimit, Counters } from './counters.ts';

/** Counters in Redis or Valkey, shared by all nodes. Their methods reject when it is away. */
export type RedisCounters = Counters & {
  /** Settles once Redis has answered, or has failed to for the first time. */
  readonly tried: Promise<void>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const CONNECT_TIMEOUT_MILLISECONDS = 2_000;
const COMMAND_TIMEOUT_MILLISECONDS = 500;
/** How long one that has not answered in time is left alone, so that few have to find out that it hangs. */
const REST_MILLISECONDS = 2_000;
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
    socket: { connectTimeout: CONNECT_TIMEOUT_MILLISECONDS, reconnectStrategy: RECONNECT_MILLISECONDS },
  });
  // Whoever asks hears that it is away; without a listener the first error would end the process.
  client.on('error', () => {});
  // It goes on trying for as long as Redis is away.
  client.connect().catch(() => {});
  const firstWord = Promise.race([once(client, 'ready'), once(client, 'error')]);
  // One that hangs takes the connection and says nothing on it.
  const tried = waitAtMost(CONNECT_TIMEOUT_MILLISECONDS, firstWord).then(
    () => {},
    () => {},
  );
  const ask = leavingAlone();
  return {
    tried,
    reserve: async (key, limit, now) => {
      const reply = await ask(() =>
        client.eval(RESERVE, { keys: [redisKey(key)], arguments: asArguments(limit, now) }),
      );
      const [isAllowed, count, until] = answer.parse(reply);
      if (isAllowed === 0) return { allowed: false, retryAt: until };
      return { allowed: true, remaining: Math.max(0, limit.most - count) };
    },
    clear: async (key) => {
      await ask(() => client.del(redisKey(key)));
    },
    ping: async () => {
      await ask(() => client.ping());
    },
    close: async () => {
      client.destroy();
    },
  };
}

/** Asks with a limit of time, and nothing at all for a while after that was exceeded. */
function leavingAlone() {
  let silentSince = Number.NEGATIVE_INFINITY;
  return async <Reply>(command: () => Promise<Reply>): Promise<Reply> => {
    if (performance.now() < silentSince + REST_MILLISECONDS) throw new Error('left alone');
    try {
      return await waitAtMost(COMMAND_TIMEOUT_MILLISECONDS, command());
    } catch (error) {
      if (error instanceof TookTooLong) silentSince = performance.now();
      throw error;
    }
  };
}

function asArguments({ most, window }: CounterLimit, now: number): string[] {
  return [most, window, now].map(String);
}

// Hashed, so that Redis holds no names and addresses.
function redisKey(key: string): string {
  return `latchkey:counter:${hashToken(key).toString('base64url')}`;
}
