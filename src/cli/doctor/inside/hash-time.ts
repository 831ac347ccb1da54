import { SECOND } from '../../../platform/runtime/clock.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning } = findingsOf('hashing');

/** How long somebody who signs in may wait for the hash alone. */
const SLOW = SECOND;

/**
 * Whether people have to wait too long for a hash.
 * @param milliseconds what one takes with every core busy
 */
export function judgeTime(milliseconds: number): Finding {
  const what = `a hash takes ${milliseconds.toFixed(0)} ms with every core busy`;
  return milliseconds < SLOW ? ok(what) : warning(what, 'run latchkey tune, and set what it finds');
}
