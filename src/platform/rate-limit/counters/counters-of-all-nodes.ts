import type { Log } from '../../observability/log.ts';
import type { Counters } from './counters.ts';

/**
 * Counts in the fast store, and in the safe one while the fast one is away: a store that is lost opens no door.
 * What had been counted in the other one is then missing, so at the moment of change a limit can be reached twice.
 * @param tellFallback is called each time that the safe one takes the fast one's place
 */
export function createCountersOfAllNodes(
  fast: Counters,
  safe: Counters,
  log: Log,
  tellFallback: () => void = () => {},
): Counters {
  let isAway = false;
  const tell = (away: boolean) => {
    if (away === isAway) return;
    isAway = away;
    if (away) log.warn({ event: 'counters-in-database', reason: 'redis is away' });
    else log.info({ event: 'counters-in-redis' });
  };
  const attempt = async <Result>(work: (counters: Counters) => Promise<Result>): Promise<Result> => {
    try {
      const result = await work(fast);
      tell(false);
      return result;
    } catch {
      tell(true);
      tellFallback();
      return work(safe);
    }
  };
  return {
    reserve: (demands, now) => attempt((counters) => counters.reserve(demands, now)),
    giveBack: (taken) => attempt((counters) => counters.giveBack(taken)),
    clear: async (keys) => {
      await safe.clear(keys);
      await attempt((counters) => counters.clear(keys));
    },
  };
}
