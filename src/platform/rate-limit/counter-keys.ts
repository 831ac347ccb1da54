import { type PolicyName, policies } from '../../auth/throttle/policies.ts';
import type { Counted } from '../../auth/throttle/surfaces.ts';

/** Attempts that carry a proof of work are counted apart. */
export const LANES = ['plain', 'with proof'] as const;
export type Lane = (typeof LANES)[number];

/** Under what an attempt is counted. */
export function counterKey({ policy, subject }: Counted, lane: Lane): string {
  return `${policy}|${lane}|${subject}`;
}

/** The policy of a key. @throws {TypeError} for one that stands for none */
export function policyOf(key: string): PolicyName {
  const name = key.slice(0, key.indexOf('|'));
  if (!isPolicyName(name)) throw new TypeError('a key of no policy');
  return name;
}

function isPolicyName(name: string): name is PolicyName {
  return Object.hasOwn(policies, name);
}
