import { randomInt } from 'node:crypto';
import { DAY, HOUR, MINUTE } from '../runtime/clock.ts';

/** With one more attempt that its server puts off, a mail is given up. */
export const MOST_ATTEMPTS = 12;
const FIRST_PAUSE = MINUTE;
const LONGEST_PAUSE = 6 * HOUR;

/** RFC 5321 §4.5.4.1 has senders go on for four to five days while a server cannot be reached. */
export const LONGEST_WAIT = 5 * DAY;
const LONGEST_PAUSE_WHILE_AWAY = 15 * MINUTE;

/** How long a mail waits after its server has put it off: a minute, and twice as long each time. Milliseconds. */
export function pauseAfter(attempts: number): number {
  return spread(Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE));
}

/** How long it waits for a server that could not be spoken to; the longer, the longer it has been waiting. */
export function pauseWhileAway(age: number): number {
  return spread(Math.min(Math.max(age / 4, FIRST_PAUSE), LONGEST_PAUSE_WHILE_AWAY));
}

// A quarter more or less, so that what was put off together does not come back together.
function spread(pause: number): number {
  return Math.round((pause * randomInt(75, 126)) / 100);
}
