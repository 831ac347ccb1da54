import type { Backoff, Demand, Refusal, Rule, Taken } from './counters.ts';

/** What is kept under a key. Times are milliseconds of UTC. */
export type Count = {
  readonly count: number;
  /** When it is forgotten. */
  readonly until: number;
  /** Until when a back-off lets no more in; 0 for a window, which its count closes. */
  readonly blockedUntil: number;
};

export type Judgement =
  | { readonly allowed: true; readonly changes: readonly Change[] }
  | { readonly allowed: false; readonly refusals: readonly [Refusal, ...Refusal[]] };

/** What becomes of a key; nothing where `demand` did not apply. */
export type Change = { readonly demand: Demand; readonly next: Count; readonly taken: Taken };

const NONE: Count = { count: 0, until: 0, blockedUntil: 0 };

/**
 * Decides whether each demand has a place left. The same stands in the script of redis-counters.ts; one suite of
 * tests holds both to it.
 * @param counts what is kept, by key
 * @param now milliseconds of UTC
 */
export function judge(
  counts: ReadonlyMap<string, Count>,
  demands: readonly Demand[],
  now: number,
): Judgement {
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
  if (first !== undefined) return { allowed: false, refusals: [first, ...others] };
  return { allowed: true, changes: applying.map((demand) => change(demand, living(demand.key), now)) };
}

function change(demand: Demand, current: Count, now: number): Change {
  const { key, rule } = demand;
  const next = oneMore(rule, current, now);
  const { until, blockedUntil } = next;
  return {
    demand,
    next,
    taken: { key, rule, until, blockedUntil, previouslyBlockedUntil: current.blockedUntil },
  };
}

function oneMore(rule: Rule, current: Count, now: number): Count {
  const count = current.count + 1;
  if (isBackoff(rule)) return { count, until: now + rule.memory, blockedUntil: now + wait(rule, count) };
  const until = current.count === 0 ? now + rule.window : current.until;
  return { count, until, blockedUntil: 0 };
}

/** Until when a rule lets no more in. A window that is full opens again with each permit that is returned (A68). */
function closedUntil(rule: Rule, { count, until, blockedUntil }: Count): number {
  if (isBackoff(rule)) return blockedUntil;
  return count >= rule.most ? until : 0;
}

export function isBackoff(rule: Rule): rule is Backoff {
  return 'free' in rule;
}

/** How long to wait after so many, in milliseconds. */
function wait({ free, firstWait, longestWait }: Backoff, count: number): number {
  return count < free ? 0 : Math.min(firstWait * 2 ** (count - free), longestWait);
}
