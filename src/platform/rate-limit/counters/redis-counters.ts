import { createHmac, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { z } from 'zod';
import { TookTooLong, waitAtMost } from '../../runtime/wait-at-most.ts';
import type { Counters, Demand, Refusal, Reservation, Taken } from './counters.ts';
import { isBackoff } from './judge.ts';

/** Counters in Redis or Valkey, shared by all nodes. Their methods reject when it is away. */
export type RedisCounters = Counters & {
  /** Settles once Redis has answered, or has failed to for the first time. */
  readonly tried: Promise<void>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const CONNECT_TIMEOUT_MILLISECONDS = 2_000;
/** How long Redis may take to answer a command before the database counts instead. */
const COMMAND_TIMEOUT_MILLISECONDS = 500;
/** How long one that has not answered in time is left alone, so that few have to find out that it hangs. */
const REST_MILLISECONDS = 2_000;
const RECONNECT_MILLISECONDS = 1_000;

// One script is one step: nobody gets in between. It says the same as judge.ts. The time is ours, so that all nodes and
// tests have one clock; Redis's own only tidies up. KEYS: the counters. ARGV: now, then five for each counter: how many,
// window or memory, first wait (-1 for a window), longest wait, and the number of the counter of which it must be the
// first (0 for none). Answer: 1 and, for each counter, until when it is kept, is blocked, was blocked (-1 where it did not
// apply); or 0 and for each until when it is blocked.
const RESERVE = `
local now = tonumber(ARGV[1])
local counts, refused, answer = {}, false, {0}
for i, key in ipairs(KEYS) do
  local found = redis.call('hmget', key, 'count', 'until', 'blocked')
  local count, till, blocked = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
  if not count or till <= now then count, till, blocked = 0, 0, 0 end
  counts[i] = {count, till, blocked}
end
local function applies(i)
  local first = tonumber(ARGV[i * 5 + 1])
  return first == 0 or counts[first][1] == 0
end
for i in ipairs(KEYS) do
  local most, wait = tonumber(ARGV[i * 5 - 3]), tonumber(ARGV[i * 5 - 1])
  local blocked = counts[i][3]
  if wait < 0 then blocked = counts[i][1] >= most and counts[i][2] or 0 end
  if not applies(i) then blocked = 0 end
  if blocked > now then refused = true else blocked = 0 end
  answer[i + 1] = string.format('%.0f', blocked)
end
if refused then return answer end
answer = {1}
for i, key in ipairs(KEYS) do
  local were = -1
  local till, blocked = 0, 0
  if applies(i) then
    local most, span, wait, longest = tonumber(ARGV[i * 5 - 3]), tonumber(ARGV[i * 5 - 2]), tonumber(ARGV[i * 5 - 1]), tonumber(ARGV[i * 5])
    local count = counts[i][1] + 1
    if wait < 0 then
      till = count == 1 and now + span or counts[i][2]
    else
      till = now + span
      blocked = now + (count < most and 0 or math.min(wait * 2 ^ (count - most), longest))
    end
    were = counts[i][3]
    redis.call('hset', key, 'count', count, 'until', string.format('%.0f', till), 'blocked', string.format('%.0f', blocked))
    redis.call('pexpire', key, till - now)
  end
  answer[#answer + 1] = string.format('%.0f', till)
  answer[#answer + 1] = string.format('%.0f', blocked)
  answer[#answer + 1] = string.format('%.0f', were)
end
return answer
`;

// KEYS: the counters. ARGV, four for each: until when it was kept, whether that moves on, was blocked, and is to be again.
const GIVE_BACK = `
for i, key in ipairs(KEYS) do
  local found = redis.call('hmget', key, 'count', 'until', 'blocked')
  local count, till, blocked = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
  local kept, moves, mine, before = tonumber(ARGV[i * 4 - 3]), ARGV[i * 4 - 2], tonumber(ARGV[i * 4 - 1]), ARGV[i * 4]
  if count and count > 0 and (till == kept or (moves == '1' and till >= kept)) then
    redis.call('hset', key, 'count', count - 1)
    if blocked == mine then redis.call('hset', key, 'blocked', before) end
  end
end
return 0
`;

const numbers = z.array(z.coerce.number());

/**
 * @param url `redis://…`, or `rediss://…` for TLS
 * @param secret names the keys, so that Redis holds no names and addresses, and two sites may share one
 * @param timeout of a command, in milliseconds
 */
export function createRedisCounters(
  url: string,
  secret: KeyObject,
  timeout: number = COMMAND_TIMEOUT_MILLISECONDS,
): RedisCounters {
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
  const ask = leavingAlone(timeout);
  const redisKey = keyNames(secret);
  return {
    tried,
    reserve: async (demands, now) => {
      const reply = await ask(() =>
        client.eval(RESERVE, {
          keys: demands.map(({ key }) => redisKey(key)),
          arguments: asked(demands, now),
        }),
      );
      return reservationFrom(demands, numbers.parse(reply));
    },
    giveBack: async (taken) => {
      if (taken.length === 0) return;
      const keys = taken.map(({ key }) => redisKey(key));
      await ask(() => client.eval(GIVE_BACK, { keys, arguments: taken.flatMap(givenBack) }));
    },
    clear: async (keys) => {
      if (keys.length > 0) await ask(() => client.del(keys.map(redisKey)));
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
function leavingAlone(timeout: number) {
  let silentSince = Number.NEGATIVE_INFINITY;
  return async <Reply>(command: () => Promise<Reply>): Promise<Reply> => {
    if (performance.now() < silentSince + REST_MILLISECONDS) throw new Error('left alone');
    try {
      return await waitAtMost(timeout, command());
    } catch (error) {
      if (error instanceof TookTooLong) silentSince = performance.now();
      throw error;
    }
  };
}

function asked(demands: readonly Demand[], now: number): string[] {
  const position = (key: string | undefined) => 1 + demands.findIndex((demand) => demand.key === key);
  const each = demands.map(({ rule, whenFirstOf }) =>
    isBackoff(rule)
      ? [rule.free, rule.memory, rule.firstWait, rule.longestWait, position(whenFirstOf)]
      : [rule.most, rule.window, -1, 0, position(whenFirstOf)],
  );
  return [now, ...each.flat()].map(String);
}

function givenBack({ rule, until, blockedUntil, previouslyBlockedUntil }: Taken): string[] {
  return [until, isBackoff(rule) ? 1 : 0, blockedUntil, previouslyBlockedUntil].map(String);
}

function reservationFrom(demands: readonly Demand[], [isAllowed, ...rest]: readonly number[]): Reservation {
  if (isAllowed === 1) {
    const taken = demands.flatMap(({ key, rule }, at): readonly Taken[] => {
      const [until = 0, blockedUntil = 0, previouslyBlockedUntil = -1] = rest.slice(3 * at, 3 * at + 3);
      return previouslyBlockedUntil < 0 ? [] : [{ key, rule, until, blockedUntil, previouslyBlockedUntil }];
    });
    return { allowed: true, taken };
  }
  const [first, ...others] = demands.flatMap(({ key }, at): readonly Refusal[] => {
    const retryAt = rest[at] ?? 0;
    return retryAt > 0 ? [{ key, retryAt }] : [];
  });
  if (first === undefined) throw new TypeError('Redis refused and did not say why');
  return { allowed: false, refusals: [first, ...others] };
}

// The braces keep all of them on one node of a Redis Cluster, where a script may only use what lies together.
function keyNames(secret: KeyObject): (key: string) => string {
  return (key) => `{latchkey}:counter:${createHmac('sha256', secret).update(key).digest('base64url')}`;
}
