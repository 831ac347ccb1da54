export { createBudget } from './budget.ts';
export {
  type Clock,
  DAY,
  HOUR,
  isoTime,
  MINUTE,
  type Pause,
  SECOND,
  systemClock,
  systemPause,
} from './clock.ts';
export { type PathRules, readPath } from './file-path.ts';
export {
  createAdmission,
  OVERLOAD_RETRY_SECONDS,
  Overloaded,
  type Priority,
  type QueueKey,
} from './limits.ts';
export { readOwnFile } from './own-file.ts';
export { type Resources, readResources } from './resources.ts';
export { resultOrNull } from './result-or-null.ts';
export { threadOptions } from './thread.ts';
export { trimmed, trimmedEnd } from './trimming.ts';
export { version } from './version.ts';
export { TookTooLong, waitAtMost } from './wait-at-most.ts';
