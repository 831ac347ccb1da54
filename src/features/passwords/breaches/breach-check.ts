import type { Announce } from '../../../platform/events/index.ts';
import type { Proxies } from '../../../platform/outbound/index.ts';
import { type Clock, SECOND } from '../../../platform/runtime/index.ts';
import type { SettingValues } from '../../../platform/settings/index.ts';
import { events } from '../definitions.ts';
import type { breachSettings } from './breach-settings.ts';
import { isInRange, RangeApiFailed, rangeApiAt } from './range-api.ts';

/** What is known of stolen passwords beyond the list that is shipped. */
export type BreachCheck = {
  /** Whether a password is known to be stolen. Never throws: false if it cannot be found out. */
  readonly isBreached: (password: string) => Promise<boolean>;
  /** The same in the background. @param keep called when the password is known to be stolen */
  readonly look: (password: string, keep: () => Promise<void>) => void;
  /** Gives up what is under way. */
  readonly close: () => Promise<void>;
};

/** Knows of nothing beyond the list. */
const noBreachCheck: BreachCheck = {
  isBreached: async () => false,
  look: () => {},
  close: async () => {},
};

export type BreachCheckParts = {
  /** Where the range API is. */
  readonly url: URL;
  readonly proxies: Proxies;
  readonly clock: Clock;
  readonly announce: Announce;
  /** How long the whole answer may take, in milliseconds. */
  readonly timeout: number;
};

/** How long a registration may wait for it, in milliseconds. */
export const BREACH_TIMEOUT = SECOND;
/** After this number of failures in a row it is not called for a while, so that a broken service does not slow users down. */
const MAX_FAILURES = 3;
const REST = 30 * SECOND;
/** The maximum number of concurrent requests. */
const MAX_AT_ONCE = 50;

/** Asks a service with the range API of Have I Been Pwned, and does without where it does not answer. */
function createBreachCheck(parts: BreachCheckParts): BreachCheck {
  const { announce } = parts;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  const api = rangeApiAt(parts.url, parts.proxies);
  let questions = 0;
  const breaker = createBreaker(parts.clock);
  const report = (reason: string) => announce(events.breachCheckFailed, { reason }, { work: 'breach-check' });

  const ask = async (password: string): Promise<boolean> => {
    questions += 1;
    const timeout = AbortSignal.timeout(parts.timeout);
    try {
      const found = await isInRange(api, password, AbortSignal.any([closing.signal, timeout]));
      breaker.worked();
      return found;
    } catch (error) {
      if (!(error instanceof RangeApiFailed)) throw error;
      if (closing.signal.aborted) return false;
      breaker.failed();
      report(error.reason);
      return false;
    } finally {
      questions -= 1;
    }
  };
  const isBreached = async (password: string): Promise<boolean> => {
    if (closing.signal.aborted || !breaker.mayTry()) return false;
    if (questions < MAX_AT_ONCE) return ask(password);
    report('too-many');
    return false;
  };

  return {
    isBreached,
    look: (password, keep) => {
      const work = isBreached(password)
        .then((found) => (found ? keep() : undefined))
        .catch(() => report('not-kept'))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    close: async () => {
      closing.abort();
      await Promise.allSettled(underWay);
    },
  };
}

/** Lets a service that keeps failing rest for a while; then one alone tries whether it is back. */
function createBreaker(clock: Clock) {
  let failures = 0;
  let restsSince = Number.NEGATIVE_INFINITY;
  return {
    mayTry: (): boolean => {
      if (failures < MAX_FAILURES) return true;
      const now = clock();
      // A clock that steps back lengthens no rest (A59).
      if (now >= restsSince && now < restsSince + REST) return false;
      restsSince = now;
      return true;
    },
    worked: (): void => {
      failures = 0;
    },
    failed: (): void => {
      failures += 1;
      restsSince = clock();
    },
  };
}

/** The check that the settings ask for. */
export function breachCheckFor(
  { breachedPasswords, hibpUrl: url }: SettingValues<typeof breachSettings>,
  parts: Omit<BreachCheckParts, 'url'>,
): BreachCheck {
  return breachedPasswords === 'list' ? noBreachCheck : createBreachCheck({ ...parts, url });
}
