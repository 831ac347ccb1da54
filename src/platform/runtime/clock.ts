/** The time as milliseconds of UTC since 1970. Injected everywhere, so that tests move it by hand. */
export type Clock = () => number;

export const systemClock: Clock = Date.now;

/** Lets some milliseconds pass. Injected, too, so that no test has to wait. */
export type Pause = (milliseconds: number) => Promise<void>;

export const systemPause: Pause = (milliseconds) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A time in ISO 8601. @param milliseconds of UTC, or null for never */
export function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
