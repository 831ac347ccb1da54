import type { Clock } from '../../src/platform/runtime/clock.ts';

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

/** No wait for what comes by itself may be without an end. Milliseconds. */
const TOO_LONG = 60_000;

/** Looks again and again until something holds that tells nobody when it comes. */
export async function until(what: string, isReached: () => boolean | Promise<boolean>): Promise<void> {
  const begin = performance.now();
  while (!(await isReached())) {
    if (performance.now() - begin > TOO_LONG) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
