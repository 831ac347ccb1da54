import { SECOND } from '../../../platform/runtime/clock.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning, fault } = findingsOf('clock');

const NOTABLE = 2 * SECOND;
/** A third of the time for which a replaced session token still works. */
const HARMFUL = 10 * SECOND;

/**
 * Whether two clocks are near enough.
 * @param skew by how many milliseconds the database's clock is ahead; null where it has none of its own
 */
export function judgeSkew(skew: number | null): Finding {
  if (skew === null) return ok('the database is on this machine’s clock');
  const seconds = (Math.abs(skew) / SECOND).toFixed(1);
  const what = `${seconds} s ${skew < 0 ? 'ahead of' : 'behind'} the database’s`;
  const fix = 'let chrony or systemd-timesyncd set the clocks of all machines; sessions end by them';
  if (Math.abs(skew) > HARMFUL) return fault(what, fix);
  return Math.abs(skew) > NOTABLE ? warning(what, fix) : ok(`within ${seconds} s of the database’s`);
}
