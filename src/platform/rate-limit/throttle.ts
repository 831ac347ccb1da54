import type { Announce } from '../events/index.ts';
import type { Clock } from '../runtime/index.ts';
import type { Id } from '../text/index.ts';
import { type Form, originOf, type WebContext } from '../web/index.ts';
import { type AttemptsUnderWay, createAttemptsUnderWay } from './attempts-under-way.ts';
import type { Counters, Demand, Permit, Refusal } from './counters/counters.ts';
import { isBackoff } from './counters/rules.ts';
import { throttleEvents } from './events.ts';
import { counterKey, type KeyedLimit, type Lane, type Limit } from './limits.ts';
import type { Challenge } from './proof-of-work.ts';

/** How an attempt is counted: as failed, as succeeded, under all its limits, or under the listed ones alone. */
export type Verdict = 'failed' | 'succeeded' | 'counted' | readonly Limit[];

export type Attempt<Result> = { readonly result: Result; readonly verdict: Verdict };

export type TooMany = {
  /** The limit with the longest wait. */
  readonly limit: Limit;
  /** Milliseconds of UTC. */
  readonly retryAt: number;
  /** What can be solved instead of waiting; null if only waiting helps. */
  readonly challenge: Challenge | null;
};

export type Throttled<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly reason: 'too-many'; readonly refusal: TooMany };

/**
 * The one throttle of everything that can be guessed. An attempt takes its permits first; then `work` runs, and its
 * verdict decides which permits are returned. Work that throws was no attempt.
 */
export type Throttle = <Result>(
  attempt: {
    readonly context: WebContext;
    readonly counted: readonly KeyedLimit[];
    /** May carry the solution of a challenge. */
    readonly form: Form;
    /** The id of what the attempt is about, for the audit log. */
    readonly subject: Id | null;
  },
  work: () => Promise<Attempt<Result>>,
) => Promise<Throttled<Result>>;

export type ThrottleParts = {
  readonly counters: Counters;
  readonly challenge: Challenge;
  readonly clock: Clock;
  readonly announce: Announce;
  /** Called when permits could not be returned. */
  readonly onFailure: (error: unknown) => void;
};

type Limited<Item> = Item & { readonly limit: Limit };

type Taken =
  | { readonly ok: true; readonly permits: readonly Limited<Permit>[] }
  | {
      readonly ok: false;
      readonly refusals: readonly [Limited<Refusal>, ...Limited<Refusal>[]];
      readonly lane: Lane;
    };

export function createThrottle(parts: ThrottleParts): Throttle {
  const { counters, challenge, clock, announce, onFailure } = parts;
  const underWay = createAttemptsUnderWay();
  const isRepeated = createRepetitionCheck();

  const take = async (counted: readonly KeyedLimit[], lane: Lane): Promise<Taken> => {
    const demands = demandsOf(counted, lane);
    const reservation = await reserveInTurn(counters, underWay, clock, demands);
    // Keys are unique to their limit, whose name they begin with.
    const withLimit = <Item extends { readonly key: string }>(item: Item): readonly Limited<Item>[] =>
      demands.filter(({ key }) => key === item.key).map(({ limit }) => ({ ...item, limit }));
    if (reservation.ok) return { ok: true, permits: reservation.permits.flatMap(withLimit) };
    const [first, ...others] = reservation.refusals.flatMap(withLimit);
    if (first === undefined) throw new TypeError('a counter refused a key that was not asked for');
    return { ok: false, refusals: [first, ...others], lane };
  };

  /** Takes permits as usual, else under the limit that replaces the one that is full, else with a proof of work. */
  const takePermits = async (counted: readonly KeyedLimit[], form: Form): Promise<Taken> => {
    const usual = await take(counted, 'plain');
    if (usual.ok) return usual;
    const replaced = replaceFull(counted, usual.refusals);
    const plain = replaced === null ? usual : await take(replaced, 'plain');
    if (plain.ok || !canProofLift(counted, plain.refusals)) return plain;
    return (await challenge.isMet(form, clock())) ? take(counted, 'with proof') : plain;
  };

  return async ({ context, counted, form, subject }, work) => {
    const taken = await takePermits(counted, form);
    if (!taken.ok) {
      const { refusals, lane } = taken;
      const { limit, retryAt } = refusals.reduce((one, other) => (other.retryAt > one.retryAt ? other : one));
      const data = { policy: limit.name, subject, isRepeated: isRepeated(refusals[0]) };
      announce(throttleEvents.throttled, data, originOf(context));
      // A proof that was given and did not suffice is not asked for again.
      const isOffered = lane === 'plain' && canProofLift(counted, refusals);
      const refusal = { limit, retryAt, challenge: isOffered ? challenge : null };
      return { ok: false, reason: 'too-many', refusal };
    }
    let verdict: Verdict = 'succeeded';
    try {
      const attempt = await work();
      verdict = attempt.verdict;
      return { ok: true, result: attempt.result };
    } catch (error) {
      verdict = [];
      throw error;
    } finally {
      const { permits } = taken;
      // Permits that cannot be returned stay counted: limits fail closed.
      const released = permits.filter(({ limit }) => !isCounted(limit, verdict));
      await settle(counters, released, verdict).catch(onFailure);
      underWay.leave(keysOf(released), true);
      underWay.leave(keysOf(permits.filter((permit) => !released.includes(permit))), false);
    }
  };
}

/** Reserves. While attempts of this node hold the last permits, it waits for them to end. */
async function reserveInTurn(
  counters: Counters,
  underWay: AttemptsUnderWay,
  clock: Clock,
  demands: readonly Demand[],
) {
  for (;;) {
    const reservation = await counters.reserve(demands, clock());
    if (reservation.ok) {
      underWay.enter(keysOf(reservation.permits));
      return reservation;
    }
    const freed = reservation.refusals.map(({ key }) => underWay.freed(key));
    if (freed.some((turn) => turn === null)) return reservation;
    await Promise.all(freed);
  }
}

/** Returns the permits that do not count. A success clears a back-off: the failures before it were the user's own. */
async function settle(counters: Counters, released: readonly Permit[], verdict: Verdict): Promise<void> {
  if (released.length === 0) return;
  const isForgotten = ({ rule }: Permit) => isBackoff(rule) && verdict === 'succeeded';
  await counters.clear(keysOf(released.filter(isForgotten)));
  await counters.giveBack(released.filter((permit) => !isForgotten(permit)));
}

/** Whether the permit under a limit stays taken. */
function isCounted(limit: Limit, verdict: Verdict): boolean {
  const isOfSuccesses = limit.ofSuccesses === true;
  if (verdict === 'failed') return !isOfSuccesses;
  if (verdict === 'succeeded') return isOfSuccesses;
  if (verdict === 'counted') return true;
  return verdict.includes(limit);
}

function keysOf(items: readonly { readonly key: string }[]): readonly string[] {
  return items.map(({ key }) => key);
}

function demandsOf(counted: readonly KeyedLimit[], lane: Lane): readonly Limited<Demand>[] {
  const keys = new Map(counted.map((one) => [one.limit, counterKey(one, lane)]));
  return counted.map((one) => {
    const { limit, whenFirstOf } = one;
    const first = whenFirstOf === undefined ? undefined : keys.get(whenFirstOf);
    return {
      limit,
      key: counterKey(one, lane),
      rule: lane === 'plain' ? limit.rule : (limit.withProof ?? limit.rule),
      ...(first !== undefined && { whenFirstOf: first }),
    };
  });
}

/** The limits with the replacement of the one that refuses; null if others refuse as well, or nothing replaces it. */
function replaceFull(
  counted: readonly KeyedLimit[],
  refusals: readonly Limited<Refusal>[],
): readonly KeyedLimit[] | null {
  const [full, ...others] = counted.filter((one) => refusals.some(({ limit }) => limit === one.limit));
  if (full?.instead === undefined || others.length > 0) return null;
  return [...counted.filter((one) => one !== full), ...full.instead];
}

/** Whether a proof of work lifts the refusals. Limits that replace a full one do not apply with a proof. */
function canProofLift(counted: readonly KeyedLimit[], refusals: readonly Limited<Refusal>[]): boolean {
  return refusals.every(
    ({ limit }) => limit.withProof !== undefined || !counted.some((one) => one.limit === limit),
  );
}

const MAX_REMEMBERED = 10_000;

/** Recognises a wait that was reported before, for which the record has no room in a flood. */
function createRepetitionCheck(): (refusal: Refusal) => boolean {
  const reported = new Map<string, number>();
  return ({ key, retryAt }) => {
    if (reported.get(key) === retryAt) return true;
    // Then some waits are reported twice, which does no harm.
    if (reported.size >= MAX_REMEMBERED) reported.clear();
    reported.set(key, retryAt);
    return false;
  };
}
