import { createHmac, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { z } from 'zod';
import { TookTooLong, waitAtMost } from '../../runtime/index.ts';
import {
  type Counters,
  type Demand,
  type Permit,
  type Refusal,
  type Reservation,
  StoreUnavailable,
} from './counters.ts';
import { isBackoff } from './rules.ts';

/** Counters in Redis or Valkey, shared by all nodes. Their methods reject with `StoreUnavailable` when it is unavailable. */
export type RedisCounters = Counters & {
  /** Settles with the first answer of Redis, or the first failure. */
  readonly tried: Promise<void>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Loaded where a setting asks for Redis: it is the largest of the dependencies. */
type Redis = typeof import('@redis/client');

const CONNECT_TIMEOUT_MILLISECONDS = 2_000;
/** The time after which an unanswered command is counted in the database instead. */
const COMMAND_TIMEOUT_MILLISECONDS = 500;
/** After a timeout no command is sent for this long, so that few requests wait for a Redis that hangs. */
const COOL_DOWN_MILLISECONDS = 2_000;
const RECONNECT_MILLISECONDS = 1_000;

// A script is atomic. It does the same as rules.ts. The caller passes the time, so that all nodes and tests have one clock;
// Redis's own clock only deletes. KEYS: the counters. ARGV: now, then five values for each counter: max, window or memory,
// first wait (-1 for a window), longest wait, and the number of the counter of which it must be the first (0 for none).
// Answer: 1 and for each counter until when it is kept, is blocked, was blocked (-1 if it did not apply); or 0 and for each
// counter until when it is blocked.
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
  local max, wait = tonumber(ARGV[i * 5 - 3]), tonumber(ARGV[i * 5 - 1])
  local blocked = counts[i][3]
  if wait < 0 then blocked = counts[i][1] >= max and counts[i][2] or 0 end
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
    local max, span, wait, longest = tonumber(ARGV[i * 5 - 3]), tonumber(ARGV[i * 5 - 2]), tonumber(ARGV[i * 5 - 1]), tonumber(ARGV[i * 5])
    local count = counts[i][1] + 1
    if wait < 0 then
      till = count == 1 and now + span or counts[i][2]
    else
      till = now + span
      blocked = now + (count < max and 0 or math.min(wait * 2 ^ (count - max), longest))
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

// KEYS: the counters. ARGV, four values for each: until when it was kept, whether that moves with each attempt, until when it
// was blocked, and until when it is to be blocked again.
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
 * @param secret derives the keys, so that Redis holds no names and addresses, and two sites may share one Redis
 * @param timeout of a command, in milliseconds
 */
export function createRedisCounters(
  url: string,
  secret: KeyObject,
  timeout: number = COMMAND_TIMEOUT_MILLISECONDS,
): RedisCounters {
  const opening = openClient(url);
  // Each command reports the failure, also where the module cannot be loaded.
  opening.catch(() => {});
  let isClosed = false;
  const connected = opening.then(async ({ client }) => {
    if (isClosed) return;
    const firstResponse = Promise.race([once(client, 'ready'), once(client, 'error')]);
    // The client reconnects for as long as it takes.
    client.connect().catch(() => {});
    // A Redis that hangs accepts the connection and never answers.
    await waitAtMost(CONNECT_TIMEOUT_MILLISECONDS, firstResponse);
  });
  const tried = connected.catch(() => {});
  const send = createCircuitBreaker(opening, timeout);
  const redisKey = keyNames(secret);
  return {
    tried,
    reserve: async (demands, now) => {
      const reply = await send((client) =>
        client.eval(RESERVE, {
          keys: demands.map(({ key }) => redisKey(key)),
          arguments: reserveArguments(demands, now),
        }),
      );
      return reservationFrom(demands, numbers.parse(reply));
    },
    giveBack: async (permits) => {
      if (permits.length === 0) return;
      const keys = permits.map(({ key }) => redisKey(key));
      await send((client) => client.eval(GIVE_BACK, { keys, arguments: permits.flatMap(giveBackArguments) }));
    },
    clear: async (keys) => {
      if (keys.length > 0) await send((client) => client.del(keys.map(redisKey)));
    },
    ping: async () => {
      await send((client) => client.ping());
    },
    close: async () => {
      isClosed = true;
      const opened = await opening.catch(() => null);
      opened?.client.destroy();
    },
  };
}

async function openClient(url: string) {
  const redis: Redis = await import('@redis/client');
  const client = redis.createClient({
    url,
    // No command waits for a reconnect: the database counts instead.
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT_MILLISECONDS, reconnectStrategy: RECONNECT_MILLISECONDS },
  });
  // Each command reports the failure; without a listener the first error would end the process.
  client.on('error', () => {});
  return { client, isUnavailable: unavailability(redis) };
}

type Opened = Awaited<ReturnType<typeof openClient>>;

/**
 * Sends commands with a timeout, and none for a while after one.
 * @throws {StoreUnavailable}
 */
function createCircuitBreaker(opening: Promise<Opened>, timeout: number) {
  let timedOutAt = Number.NEGATIVE_INFINITY;
  return async <Reply>(command: (client: Opened['client']) => Promise<Reply>): Promise<Reply> => {
    const { client, isUnavailable } = await opening;
    if (performance.now() < timedOutAt + COOL_DOWN_MILLISECONDS) throw new StoreUnavailable('cooling down');
    try {
      return await waitAtMost(timeout, command(client));
    } catch (error) {
      if (error instanceof TookTooLong) timedOutAt = performance.now();
      throw isUnavailable(error) ? new StoreUnavailable(error) : error;
    }
  };
}

/** Replies of a server that cannot serve now. Redis 6 passes on those of commands inside a script after a dash. */
const CANNOT_SERVE =
  /(?:^|-)(?:LOADING|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOAUTH)\b/;

/** Whether an error is one of the connection, a timeout, or a refusal to serve. */
function unavailability(redis: Redis): (error: unknown) => boolean {
  const ofConnection = [
    TookTooLong,
    redis.AbortError,
    redis.ClientClosedError,
    redis.ClientOfflineError,
    redis.ConnectionTimeoutError,
    redis.DisconnectsClientError,
    redis.ReconnectStrategyError,
    redis.SocketClosedUnexpectedlyError,
    redis.SocketTimeoutError,
    redis.TimeoutError,
  ];
  return (error) =>
    error instanceof redis.ErrorReply
      ? CANNOT_SERVE.test(error.message)
      : ofConnection.some((type) => error instanceof type) || isSocketError(error);
}

/** Errors of sockets and of TLS, such as ECONNRESET. Node's other codes, `ERR_…`, name defects. */
function isSocketError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR_';
  return !code.startsWith('ERR_') || /^ERR_(?:SSL|TLS)_/.test(code);
}

function reserveArguments(demands: readonly Demand[], now: number): string[] {
  const position = (key: string | undefined) => 1 + demands.findIndex((demand) => demand.key === key);
  const each = demands.map(({ rule, whenFirstOf }) =>
    isBackoff(rule)
      ? [rule.free, rule.memory, rule.firstWait, rule.longestWait, position(whenFirstOf)]
      : [rule.max, rule.window, -1, 0, position(whenFirstOf)],
  );
  return [now, ...each.flat()].map(String);
}

function giveBackArguments({ rule, until, blockedUntil, previouslyBlockedUntil }: Permit): string[] {
  return [until, isBackoff(rule) ? 1 : 0, blockedUntil, previouslyBlockedUntil].map(String);
}

function reservationFrom(demands: readonly Demand[], [isReserved, ...rest]: readonly number[]): Reservation {
  if (isReserved === 1) {
    const permits = demands.flatMap(({ key, rule }, at): readonly Permit[] => {
      const [until = 0, blockedUntil = 0, previouslyBlockedUntil = -1] = rest.slice(3 * at, 3 * at + 3);
      if (previouslyBlockedUntil < 0) return [];
      return [{ key, rule, until, blockedUntil, previouslyBlockedUntil, store: 'redis' }];
    });
    return { ok: true, permits };
  }
  const [first, ...others] = demands.flatMap(({ key }, at): readonly Refusal[] => {
    const retryAt = rest[at] ?? 0;
    return retryAt > 0 ? [{ key, retryAt }] : [];
  });
  if (first === undefined) throw new TypeError('Redis refused without a reason');
  return { ok: false, refusals: [first, ...others] };
}

// The braces keep all keys on one node of a Redis Cluster, where a script may only use keys of one node.
function keyNames(secret: KeyObject): (key: string) => string {
  return (key) => `{latchkey}:counter:${createHmac('sha256', secret).update(key).digest('base64url')}`;
}
