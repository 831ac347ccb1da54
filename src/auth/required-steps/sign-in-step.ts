import { z } from 'zod';
import type { Id } from '../../platform/text/index.ts';
import type { FlashDefinition, MaybePromise } from '../../platform/web/index.ts';
import type { Account } from '../accounts/account.ts';
import type { AccountId, SessionId } from '../identifiers/ids.ts';
import type { RequestContext } from '../request-context.ts';
import type { Queries } from '../schema.ts';
import type { Proof, Session } from '../sessions/session.ts';

/** What a feature calls its sign-in method, such as `password`. */
export type SignInMethodName = string;

/** A sign-in method as its feature declares it. The gate asks it whether an earlier proof still counts. */
export type SignInMethod = {
  readonly name: SignInMethodName;
  /**
   * Whether what proved the identity still would (A11).
   * @param credential what the proof named, such as the version of the password at that time
   */
  readonly stillHolds: (accountId: AccountId, credential: string) => Promise<boolean>;
  /**
   * How the user has authenticated who signs in by it at this moment; null where it does not show that they did, actively
   * (A70).
   */
  readonly proofOf: (credential: string, now: number) => Promise<Proof | null>;
  /** Whether the owner of an account can be asked to authenticate by it again; left out by a method that never can. */
  readonly canBeAskedAgain?: (accountId: AccountId) => Promise<boolean>;
  /**
   * Redirects the user after signing out, such as to the identity provider (OpenID Connect RP-Initiated Logout 1.0).
   * Called while the session exists. Null for no redirect.
   */
  readonly signOutRedirect?: (context: RequestContext, session: Session) => Promise<SignOutPage | null>;
  /** Lists the credentials of this kind that are linked to an account. @param on a transaction to read in */
  readonly listLinkedCredentials?: (account: Account, on?: Queries) => Promise<readonly LinkedCredential[]>;
  /** Removes the linked credentials, but those `kept`, when the owner recovers the account from an attacker (A20). */
  readonly removeLinkedCredentials?: (
    transaction: Queries,
    accountId: AccountId,
    kept: readonly Id[],
  ) => Promise<void>;
};

/** Where a user continues after signing out, and the page that leads there, drawn when the session has ended; or a message. */
export type SignOutPage =
  | { readonly url: URL; readonly draw: () => MaybePromise<Response> }
  | { readonly url: null; readonly flash: FlashDefinition };

/** A credential that an attacker may have linked to an account, such as an identity at a provider. Times are milliseconds of UTC. */
export type LinkedCredential = {
  readonly id: Id;
  /** The name that users know. */
  readonly label: string;
  /** The name by which its owner recognises it; it proves nothing. */
  readonly handle: string | null;
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
  /** Whether it belongs to the owner of the confirmed address of the account, as its provider has verified. */
  readonly provesAddress: boolean;
};

/** A fact about the sign-in that the method or a completed step has established; steps read it. */
export type ProofFact = string;
export const proofFacts = z.array(z.string());

/** A second factor that was proven: its kind and its id, so that no later one passes for it. */
export type FactorFact = { readonly kind: string; readonly id: string };

/** Reads the fact `second-factor KIND ID`, which `features/second-factors` adds; the kind may be `REMEMBERED`. */
export function provenFactorIn(facts: readonly ProofFact[]): FactorFact | null {
  const [, kind, id] = facts.map((fact) => fact.split(' ')).find(([name]) => name === 'second-factor') ?? [];
  return kind === undefined || id === undefined ? null : { kind, id };
}

/**
 * A step that a sign-in may require before its session begins, such as the change of a password. A feature declares it
 * and the gate asks it at every sign-in; steps do not depend on each other.
 */
export type SignInStep = {
  readonly name: string;
  /** The page that does its work; a route of the same feature. */
  readonly path: `/${string}`;
  readonly isRequired: (accountId: AccountId, facts: readonly ProofFact[]) => Promise<boolean>;
};

/** A session that its browser has not received yet. Times are milliseconds of UTC. */
export type BegunSignIn = {
  readonly accountId: AccountId;
  readonly sessionId: SessionId;
  readonly method: SignInMethodName;
  /** What the proof named. */
  readonly credential: string;
  readonly facts: readonly ProofFact[];
  readonly now: number;
  /** When the session ends however busy it is. */
  readonly expiresAt: number;
};

/**
 * Runs after each sign-in, such as to queue a mail to the account's owner, before the browser receives its session. The
 * session ends when the hook throws or returns false.
 * @returns whether the credential is still valid
 */
export type AfterSignIn = (context: RequestContext, signIn: BegunSignIn) => Promise<boolean>;

export type BrowserFacts = (context: RequestContext, accountId: AccountId) => Promise<readonly ProofFact[]>;

/** The declarations of the features for the gate; the steps in the order in which they are required. */
export type SignInRules = {
  readonly methods: readonly SignInMethod[];
  readonly steps: readonly SignInStep[];
  /** What the browser of a sign-in shows beside the proof, asked once. */
  readonly browserFacts: readonly BrowserFacts[];
  readonly afterSignIn: readonly AfterSignIn[];
};

/** Returns the first step that the sign-in still requires, or null. */
export async function findNextRequiredStep(
  steps: readonly SignInStep[],
  accountId: AccountId,
  facts: readonly ProofFact[],
): Promise<SignInStep | null> {
  for (const step of steps) if (await step.isRequired(accountId, facts)) return step;
  return null;
}

/** RP-initiated logout: asks the method that began a session where to redirect its user after signing out. */
export type SignOutRedirect = NonNullable<SignInMethod['signOutRedirect']>;

/** The credentials of an account that an attacker may have linked, such as identities at providers. */
export type LinkedCredentials = {
  /** @param on a transaction to read in */
  readonly list: (account: Account, on?: Queries) => Promise<readonly LinkedCredential[]>;
  /** Removes them in the transaction of the account's recovery (A20). @param kept the ids of the credentials to keep */
  readonly remove: (transaction: Queries, accountId: AccountId, kept?: readonly Id[]) => Promise<void>;
};
