import type { Duration } from '../library/setting-options.ts';
import type { Clock } from '../platform/runtime/index.ts';
import { parseDuration } from '../platform/settings/index.ts';

/** A clock that a test moves. */
export type TestClock = {
  /** The time, in milliseconds of UTC. */
  readonly now: () => number;
  /** Moves it by a duration such as `1h`, or by milliseconds. */
  readonly advance: (by: Duration | number) => void;
  /** Takes back every move. */
  readonly reset: () => void;
};

/** @param base what the clock shows as long as no test moves it */
export function createMovableClock(base: Clock): TestClock {
  let ahead = 0;
  return {
    now: () => base() + ahead,
    advance: (by) => {
      const milliseconds = typeof by === 'number' ? by : parseDuration(by);
      if (Number.isNaN(milliseconds))
        throw new RangeError(`${JSON.stringify(by)} is no duration; give one such as 30s, 10m, 1h or 8d`);
      ahead += milliseconds;
    },
    reset: () => {
      ahead = 0;
    },
  };
}
