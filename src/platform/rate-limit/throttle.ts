import type { Observer } from '../../auth/events.ts';
import { isOfSuccesses, type PolicyName, policies } from '../../auth/throttle/policies.ts';
import { type Counted, paced } from '../../auth/throttle/surfaces.ts';
import type { Clock } from '../runtime/clock.ts';
import { originOf, type RequestContext } from '../web/context.ts';
import type { Form } from '../web/form.ts';
import { type AttemptsUnderWay, createAttemptsUnderWay } from './attempts-under-way.ts';
import type { Challenge } from './challenge.ts';
import { counterKey, type Lane, policyOf } from './counter-keys.ts';
import type { Counters, Demand, Refusal, Rule, Taken } from './counters/counters.ts';
import { isBackoff } from './counters/judge.ts';

/**
 * What becomes of an attempt: it counts as failed; as succeeded, which counts only where successes are counted; or as what
 * stands under these policies.
 */
export type Verdict = 'failed' | 'succeeded' | readonly PolicyName[];

export type Attempt<Result> = { readonly result: Result; readonly verdict: Verdict };

/** Too many attempts. */
export type TooMany = {
  /** The policy that makes wait longest. */
  readonly policy: PolicyName;
  readonly rule: Rule;
  /** Milliseconds of UTC. */
  readonly retryAt: number;
  /** Whether somebody who meets the challenge need not wait. */
  readonly challenge: Challenge | null;
};

export type Outcome<Result> =
  | { readonly allowed: true; readonly result: Result }
  | { readonly allowed: false; readonly refusal: TooMany };

/**
 * The one throttle of everything that can be guessed. An attempt takes its places first; then `work` is done, and its
 * verdict says which of them count. Work that throws was no attempt.
 */
export type Throttle = <Result>(
  attempt: {
    readonly context: RequestContext;
    readonly counted: readonly Counted[];
    /** It may carry the solution of a challenge. */
    readonly form: Form;
    /** Whom it is about, for the record. */
    readonly accountId: string | null;
  },
  work: () => Promise<Attempt<Result>>,
) => Promise<Outcome<Result>>;

export type ThrottleParts = {
  readonly counters: Counters;
  readonly challenge: Challenge;
  readonly clock: Clock;
  readonly announce: Observer;
  /** Told when what was counted could not be corrected. */
  readonly onFailure: (error: unknown) => void;
};

const MOST_TOLD = 10_000;

export function createThrottle(parts: ThrottleParts): Throttle {
  const { counters, challenge, clock, announce, onFailure } = parts;
  const underWay = createAttemptsUnderWay();
  const reserve = (demands: readonly Demand[]) => reserveInTurn(counters, underWay, clock, demands);
  const isNews = newsOnly();

  /** The ways in, one after another: as everybody, paced while the site is tried too often, and with a proof. */
  const takePlaces = async (context: RequestContext, counted: readonly Counted[], form: Form) => {
    const asUsual = await reserve(demandsOf(counted, 'plain'));
    if (asUsual.allowed) return asUsual;
    const isSiteAlone = asUsual.refusals.every(({ key }) => policyOf(key) === 'site');
    const plain = isSiteAlone ? await reserve(demandsOf(paced(counted, context), 'plain')) : asUsual;
    if (plain.allowed || !isLiftedByProof(plain.refusals) || !(await challenge.isMet(form, clock())))
      return plain;
    return reserve(demandsOf(counted, 'with proof'));
  };

  return async ({ context, counted, form, accountId }, work) => {
    const places = await takePlaces(context, counted, form);
    if (!places.allowed) {
      const refusal = tooMany(places.refusals, challenge);
      const isRepeated = !isNews(places.refusals[0]);
      announce({ type: 'throttled', policy: refusal.policy, accountId, isRepeated }, originOf(context));
      return { allowed: false, refusal };
    }
    const { taken } = places;
    let verdict: Verdict = 'succeeded';
    try {
      const attempt = await work();
      verdict = attempt.verdict;
      return { allowed: true, result: attempt.result };
    } catch (error) {
      verdict = [];
      throw error;
    } finally {
      // What cannot be given back stays counted: that closes doors and opens none.
      const released = taken.filter((place) => !stands(place, verdict));
      await settle(counters, released, verdict).catch(onFailure);
      underWay.leave(keysOf(released), true);
      underWay.leave(keysOf(taken.filter((place) => !released.includes(place))), false);
    }
  };
}

/** Reserves, and where all places are taken by attempts under way here, waits for how those end. */
async function reserveInTurn(
  counters: Counters,
  underWay: AttemptsUnderWay,
  clock: Clock,
  demands: readonly Demand[],
) {
  for (;;) {
    const reservation = await counters.reserve(demands, clock());
    if (reservation.allowed) {
      underWay.enter(reservation.taken.map(({ key }) => key));
      return reservation;
    }
    const freed = reservation.refusals.map(({ key }) => underWay.freed(key));
    if (freed.some((turn) => turn === null)) return reservation;
    await Promise.all(freed);
  }
}

/** What does not count is given back; what a success proves to have been the owner's own failures is forgotten. */
async function settle(counters: Counters, released: readonly Taken[], verdict: Verdict): Promise<void> {
  if (released.length === 0) return;
  const isForgotten = ({ rule }: Taken) => isBackoff(rule) && verdict === 'succeeded';
  await counters.clear(released.filter(isForgotten).map(({ key }) => key));
  await counters.giveBack(released.filter((place) => !isForgotten(place)));
}

/** Whether a place stays taken. */
function stands({ key }: Taken, verdict: Verdict): boolean {
  const policy = policyOf(key);
  if (verdict === 'failed') return !isOfSuccesses(policy);
  if (verdict === 'succeeded') return isOfSuccesses(policy);
  return verdict.includes(policy);
}

function keysOf(places: readonly Taken[]): readonly string[] {
  return places.map(({ key }) => key);
}

function demandsOf(counted: readonly Counted[], lane: Lane): readonly Demand[] {
  const keys = new Map(counted.map((one) => [one.policy, counterKey(one, lane)]));
  return counted.flatMap(({ policy, whenFirstOf }) => {
    const key = keys.get(policy);
    const { rule, withProof } = policies[policy];
    const first = whenFirstOf === undefined ? undefined : keys.get(whenFirstOf);
    if (key === undefined) return [];
    return [
      {
        key,
        rule: lane === 'plain' ? rule : (withProof ?? rule),
        ...(first !== undefined && { whenFirstOf: first }),
      },
    ];
  });
}

/** Tells the first refusal of a wait from those that follow it, for which the record has no room in a flood. */
function newsOnly(): (refusal: Refusal) => boolean {
  const told = new Map<string, number>();
  return ({ key, retryAt }) => {
    if (told.get(key) === retryAt) return false;
    // Begun anew now and then: nobody minds hearing of a wait twice.
    if (told.size >= MOST_TOLD) told.clear();
    told.set(key, retryAt);
    return true;
  };
}

function isLiftedByProof(refusals: readonly Refusal[]): boolean {
  return refusals.every(({ key }) => {
    const policy = policyOf(key);
    // The pace is for those who bring none.
    return policy === 'pace' || policies[policy].withProof !== null;
  });
}

function tooMany(refusals: readonly [Refusal, ...Refusal[]], challenge: Challenge): TooMany {
  const last = refusals.reduce((one, other) => (other.retryAt > one.retryAt ? other : one));
  const policy = policyOf(last.key);
  // One that was met already and did not suffice is not asked for again.
  const isPlain = refusals.every(({ key }) => key.startsWith(`${policyOf(key)}|plain|`));
  return {
    policy,
    rule: policies[policy].rule,
    retryAt: last.retryAt,
    challenge: isPlain && isLiftedByProof(refusals) ? challenge : null,
  };
}
