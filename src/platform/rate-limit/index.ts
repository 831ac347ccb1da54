export type { RouteBounds, TableBounds } from './bounds.ts';
export { type ClientNetwork, clientNetwork, widestNetwork } from './client-network.ts';
export type { Counters } from './counters/counters.ts';
export {
  type CounterTables,
  createDatabaseCounters,
  createDecoyWrite,
  expiringCounters,
} from './counters/database-counters.ts';
export { createFallbackCounters } from './counters/fallback-counters.ts';
export { createRedisCounters } from './counters/redis-counters.ts';
export { isBackoff } from './counters/rules.ts';
export { createDevices, type Devices, type Generations } from './devices.ts';
export { throttleEvents } from './events.ts';
export {
  MAX_CONSECUTIVE_FAILURES,
  MAX_FROM_UNKNOWN_DEVICES,
  maxConsecutiveFailures,
} from './failures-in-a-row.ts';
export { counterKeys, defineLimits, type KeyedLimit, type Limit, limitAddress } from './limits.ts';
export { type Challenge, createProofOfWork } from './proof-of-work.ts';
export { refusalHeaders, type TooManyNotice, tooManyNotice } from './refusal.ts';
export { createThrottle, type Throttle, type Throttled, type TooMany, type Verdict } from './throttle.ts';
