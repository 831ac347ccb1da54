import { z } from 'zod';
import type { RequestContext } from '../../platform/web/context.ts';
import type { MaybePromise } from '../../platform/web/maybe-promise.ts';
import type { Account } from '../accounts/account.ts';
import type { Queries } from '../schema.ts';
import type { Proof, Session } from '../sessions/session.ts';

/** What a feature calls its sign-in method, such as `password`. */
export type SignInMethodName = string;

/**
 * A way in, as the feature declares it that has one. The gate asks it whether a proof of before still counts, and so
 * has to know no credential itself.
 */
export type SignInMethod = {
  readonly name: SignInMethodName;
  /**
   * Whether what proved the identity still would (A11).
   * @param credential what the proof named, such as the version of the password at that time
   */
  readonly stillHolds: (accountId: string, credential: string) => Promise<boolean>;
  /**
   * How the user has authenticated who signs in by it at this moment; null where it does not show that they did, actively
   * (A70).
   */
  readonly proofOf: (credential: string, now: number) => Promise<Proof | null>;
  /** Whether the owner of an account can be asked to authenticate by it again; left out by a method that never can. */
  readonly canBeAskedAgain?: (accountId: string) => Promise<boolean>;
  /**
   * Where whoever signs out goes in the place of our own page, such as to the site that they came from, to be signed out
   * there, too. Asked while the session lives, answered once it has ended; null for nowhere else.
   */
  readonly leave?: (
    context: RequestContext,
    session: Session,
  ) => Promise<(() => MaybePromise<Response>) | null>;
  /** The ways in of this kind that were added to an account. @param on perhaps a transaction that it is part of */
  readonly addedWaysOf?: (account: Account, on?: Queries) => Promise<readonly AddedWayIn[]>;
  /**
   * Takes the added ways in away from an account whose owner recovers it from an attacker who may have added them (A20).
   * @param kept the ids of those that stay
   */
  readonly forget?: (transaction: Queries, accountId: string, kept: readonly string[]) => Promise<void>;
};

/** A way into an account that an attacker may have added, such as an identity at a provider. Times are milliseconds of UTC. */
export type AddedWayIn = {
  readonly id: string;
  /** What people call it. */
  readonly label: string;
  /** What its owner knows it by; it proves nothing. */
  readonly handle: string | null;
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
  /** Whether it belongs to the owner of the confirmed address of the account, as its provider has verified. */
  readonly provesAddress: boolean;
};

/** What a proof told besides who it was, or what a step has established since; steps read it. */
export type ProofFact = string;
export const proofFacts = z.array(z.string());

/**
 * Something that may stand between a proven identity and its session, such as a password that has to be changed. A
 * feature declares it, and the gate asks it: no way in goes around it, and steps do not know each other.
 */
export type SignInStep = {
  readonly name: string;
  /** The page that does its work; a route of the same feature. */
  readonly path: `/${string}`;
  readonly isRequired: (accountId: string, facts: readonly ProofFact[]) => Promise<boolean>;
};

/** A session that has begun, and whose browser has not got it yet. Times are milliseconds of UTC. */
export type BegunSignIn = {
  readonly accountId: string;
  readonly sessionId: string;
  readonly method: SignInMethodName;
  /** What the proof named. */
  readonly credential: string;
  readonly now: number;
  /** When the session ends however busy it is. */
  readonly expiresAt: number;
};

/**
 * Something that is written for each sign-in, such as a mail to the account's owner. It is done before the browser gets
 * its session: where it fails, nobody is signed in, nor where it finds that the proof no longer holds.
 * @returns whether it does
 */
export type SignInWitness = (context: RequestContext, signIn: BegunSignIn) => Promise<boolean>;

/** What the features have declared for the gate; the steps in the order in which they are asked. */
export type SignInRules = {
  readonly methods: readonly SignInMethod[];
  readonly steps: readonly SignInStep[];
  readonly witnesses: readonly SignInWitness[];
};

/** The first step that stands in the way of an account, or null when its way is free. */
export async function firstInTheWay(
  steps: readonly SignInStep[],
  accountId: string,
  facts: readonly ProofFact[],
): Promise<SignInStep | null> {
  for (const step of steps) if (await step.isRequired(accountId, facts)) return step;
  return null;
}
