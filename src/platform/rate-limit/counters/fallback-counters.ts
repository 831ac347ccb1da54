import type { Log } from '../../observability/index.ts';
import { type Counters, StoreUnavailable } from './counters.ts';

/**
 * Counts in Redis, and in the database while Redis is unavailable, so that losing Redis never disables a limit. What was
 * counted in the other store is then missing: around the change a limit can be reached twice.
 * @param onFallback called each time that the database counts instead
 */
export function createFallbackCounters(
  redis: Counters,
  database: Counters,
  log: Log,
  onFallback: () => void = () => {},
): Counters {
  let isAway = false;
  const note = (away: boolean) => {
    if (away === isAway) return;
    isAway = away;
    if (away) log.warn({ event: 'counters-in-database', reason: 'redis is away' });
    else log.info({ event: 'counters-in-redis' });
  };
  /** @returns null while Redis is unavailable; any other error is a defect and is thrown */
  const tryRedis = async <Result>(work: () => Promise<Result>): Promise<{ result: Result } | null> => {
    try {
      const result = await work();
      note(false);
      return { result };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      note(true);
      onFallback();
      return null;
    }
  };
  return {
    reserve: async (demands, now) =>
      (await tryRedis(() => redis.reserve(demands, now)))?.result ?? database.reserve(demands, now),
    giveBack: async (permits) => {
      const [inRedis, inDatabase] = [
        permits.filter(({ store }) => store === 'redis'),
        permits.filter(({ store }) => store === 'database'),
      ];
      await database.giveBack(inDatabase);
      // While Redis is unavailable its permits stay taken: returning them to the database would erase what counts there.
      if (inRedis.length > 0) await tryRedis(() => redis.giveBack(inRedis));
    },
    clear: async (keys) => {
      await database.clear(keys);
      await tryRedis(() => redis.clear(keys));
    },
  };
}
