/** Tells the time as milliseconds of UTC since 1970. Injected everywhere, so that tests move it by hand. */
export type Clock = () => number;

export const systemClock: Clock = Date.now;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
