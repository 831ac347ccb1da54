import type { Clock } from '../../src/platform/runtime/clock.ts';
import { createMovableClock } from '../../src/testing/clock.ts';

/** A clock that only a test moves. Times are milliseconds. */
export type TestClock = { readonly read: Clock; readonly advance: (milliseconds: number) => void };

export const START_OF_TESTS = Date.UTC(2026, 0, 1, 12);

export function createTestClock(): TestClock {
  const { now, advance } = createMovableClock(() => START_OF_TESTS);
  return { read: now, advance };
}

/** The longest wait for an event. Milliseconds. */
const TOO_LONG = 60_000;

/** Polls a condition for which there is no event. */
export async function until(what: string, isReached: () => boolean | Promise<boolean>): Promise<void> {
  const begin = performance.now();
  while (!(await isReached())) {
    if (performance.now() - begin > TOO_LONG) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
