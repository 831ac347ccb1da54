import type { Clock } from '../../src/core/clock.ts';

/** A clock that stands still until a test moves it. Times are milliseconds. */
export type TestClock = { readonly read: Clock; readonly advance: (milliseconds: number) => void };

export const START_OF_TESTS = Date.UTC(2026, 0, 1, 12);

export function createTestClock(): TestClock {
  let now = START_OF_TESTS;
  return {
    read: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}
