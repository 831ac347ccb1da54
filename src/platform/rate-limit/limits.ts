import type { WebContext } from '../web/index.ts';
import { clientNetwork } from './client-network.ts';
import type { Rule } from './counters/counters.ts';

export type Limit = {
  /** Names it in stored counters, events, metrics and documents, so it must not change. */
  readonly name: string;
  /** What is counted, for the table in docs/throttling.md. */
  readonly counts: string;
  readonly rule: Rule;
  /** Counted separately once `rule` refuses and the request carries a proof of work. Without it only waiting helps. */
  readonly withProof?: Rule;
  /** Counts successes; failures return their permits. */
  readonly ofSuccesses?: true;
};

export function defineLimits<Name extends string>(
  limits: Readonly<Record<Name, Omit<Limit, 'name'>>>,
): Readonly<Record<Name, Limit>> {
  const named = Object.entries<Omit<Limit, 'name'>>(limits).map(([name, limit]) => [
    name,
    { ...limit, name },
  ]);
  // The keys stay what they are.
  return Object.fromEntries(named) as Readonly<Record<Name, Limit>>;
}

/** What an attempt is counted under. */
export type KeyedLimit = {
  readonly limit: Limit;
  /** Whose attempts share a count, such as an address. */
  readonly key: string;
  /** Counted only if it is the first under that other limit of this attempt: different values, not repetitions. */
  readonly whenFirstOf?: Limit;
  /** Counted instead of this limit when it is the only one that refuses. */
  readonly instead?: readonly KeyedLimit[];
};

/** Counts by the address of the client; not at all if it is unknown. */
export function limitAddress(limit: Limit, { address }: WebContext): readonly KeyedLimit[] {
  const from = clientNetwork(address);
  return from === null ? [] : [{ limit, key: from.address }];
}

/** Attempts that carry a proof of work are counted separately. */
export type Lane = 'plain' | 'with proof';

export function counterKey({ limit, key }: KeyedLimit, lane: Lane): string {
  return `${limit.name}|${lane}|${key}`;
}

/** All keys under which attempts may have been counted, for clearing them. */
export function counterKeys(counted: readonly KeyedLimit[]): readonly string[] {
  return counted.flatMap((one) => [counterKey(one, 'plain'), counterKey(one, 'with proof')]);
}
