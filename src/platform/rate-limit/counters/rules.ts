import type { Backoff, Demand, Permit, Refusal, Rule } from './counters.ts';

/** What is stored under a key. Times are milliseconds of UTC. */
export type Count = {
  readonly count: number;
  /** When it is forgotten. */
  readonly until: number;
  /** Until when a back-off refuses; 0 for a window, which its count closes. */
  readonly blockedUntil: number;
};

export type Decision =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly refusals: readonly [Refusal, ...Refusal[]] };

/** The new count of a key whose demand applied. */
export type Change = {
  readonly demand: Demand;
  readonly next: Count;
  readonly permit: Omit<Permit, 'store'>;
};

const NONE: Count = { count: 0, until: 0, blockedUntil: 0 };

/**
 * Decides whether each demand has a permit left. The script in redis-counters.ts does the same; one test suite checks
 * both.
 * @param counts what is stored, by key
 * @param now milliseconds of UTC
 */
export function decide(
  counts: ReadonlyMap<string, Count>,
  demands: readonly Demand[],
  now: number,
): Decision {
  const living = (key: string): Count => {
    const count = counts.get(key);
    return count === undefined || count.until <= now ? NONE : count;
  };
  const applying = demands.filter(
    ({ whenFirstOf }) => whenFirstOf === undefined || living(whenFirstOf).count === 0,
  );
  const [first, ...others] = applying.flatMap(({ key, rule }): readonly Refusal[] => {
    const retryAt = closedUntil(rule, living(key));
    return retryAt > now ? [{ key, retryAt }] : [];
  });
  if (first !== undefined) return { ok: false, refusals: [first, ...others] };
  return { ok: true, changes: applying.map((demand) => change(demand, living(demand.key), now)) };
}

function change(demand: Demand, current: Count, now: number): Change {
  const { key, rule } = demand;
  const next = oneMore(rule, current, now);
  const { until, blockedUntil } = next;
  const permit = { key, rule, until, blockedUntil, previouslyBlockedUntil: current.blockedUntil };
  return { demand, next, permit };
}

function oneMore(rule: Rule, current: Count, now: number): Count {
  const count = current.count + 1;
  if (isBackoff(rule)) return { count, until: now + rule.memory, blockedUntil: now + wait(rule, count) };
  const until = current.count === 0 ? now + rule.window : current.until;
  return { count, until, blockedUntil: 0 };
}

/** Until when a rule refuses. A full window opens again with each permit that is returned (A68). */
function closedUntil(rule: Rule, { count, until, blockedUntil }: Count): number {
  if (isBackoff(rule)) return blockedUntil;
  return count >= rule.max ? until : 0;
}

export function isBackoff(rule: Rule): rule is Backoff {
  return 'free' in rule;
}

/** The wait after the given number of attempts, in milliseconds. */
function wait({ free, firstWait, longestWait }: Backoff, count: number): number {
  return count < free ? 0 : Math.min(firstWait * 2 ** (count - free), longestWait);
}
