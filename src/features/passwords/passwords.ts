import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import type { ProofFact } from '../../auth/required-steps/sign-in-step.ts';
import type { Database, Queries } from '../../auth/schema.ts';
import { MAX_CONSECUTIVE_FAILURES, MAX_FROM_UNKNOWN_DEVICES } from '../../platform/rate-limit/index.ts';
import type { Clock, Priority, QueueKey } from '../../platform/runtime/index.ts';
import { UNKNOWN_ID } from '../../platform/text/index.ts';
import type { BreachCheck } from './breaches/breach-check.ts';
import type { Hasher } from './hashing/hasher.ts';
import { commonPasswords } from './policy/blocklist.ts';
import {
  type CheckedPassword,
  checkPassword,
  isCommon,
  isTooLongToHash,
  normalisePassword,
} from './policy/policy.ts';
import {
  changedAtLookUp,
  deletePassword,
  disablePassword,
  foundBreachedAtLookUp,
  hashLookUp,
  insertPassword,
  markBreached,
  type NewPassword,
  noteDisabled,
  type StoredHash,
  setPassword,
  versionAfter,
} from './store.ts';
import { createVerification, type Verification } from './verification.ts';

/** What other features may ask of passwords. */
export type Passwords = {
  /** The fewest code points of a new password. */
  readonly minimumCodePoints: number;
  /**
   * Whether a new password is acceptable; context words are the username, the address and the like. With a service for
   * breached passwords, that takes a second at most.
   */
  readonly check: (password: string, contextWords: readonly string[]) => Promise<CheckedPassword>;
  /** @throws {Overloaded} when too many hashes wait already */
  readonly hash: (acceptedPassword: string, queueKey?: QueueKey) => Promise<string>;
  readonly insert: (transaction: Queries, accountId: AccountId, hash: string, now: number) => Promise<void>;
  /** When the account's password was set, in milliseconds of UTC, which is different for each one; null without one. */
  readonly version: (accountId: AccountId | null) => Promise<number | null>;
  /**
   * Replaces the password of that version, or sets the first one; returns false when it is no longer that one.
   * @throws an error of the database where there is to be none yet and there is one by now
   */
  readonly set: (transaction: Queries, accountId: AccountId, password: NewPassword) => Promise<boolean>;
  /** Removes the password of an account that signs in otherwise; returns false where there is none. */
  readonly remove: (transaction: Queries, accountId: AccountId) => Promise<boolean>;
  /**
   * Disables the password until it is replaced, also for a client that has entered it at this moment.
   * @returns its new version, or null if there is none
   */
  readonly disable: (transaction: Queries, accountId: AccountId) => Promise<number | null>;
  /**
   * Notes that wrong passwords have disabled it, in the transaction of the mail to its owner; of concurrent calls, one
   * returns true.
   */
  readonly noteDisabled: (transaction: Queries, accountId: AccountId, now: number) => Promise<boolean>;
  /** Notifies the owner, after the response and once, if a verification finds the password disabled. */
  readonly notifyIfDisabled: (
    context: RequestContext,
    accountId: AccountId | null,
    verification: Verification,
  ) => void;
  /** The version that a replacement gives. */
  readonly versionAfter: typeof versionAfter;
  /** When the account's password was found among stolen ones, in milliseconds of UTC; null when it was not. */
  readonly foundBreachedAt: (accountId: AccountId) => Promise<number | null>;
  /** Whether a password is on the shipped list of common and stolen ones, as it was typed. */
  readonly isCommon: (typed: string) => boolean;
  /** How many wrong ones were given since the last right one, and when they disabled it, if they have. */
  readonly failures: (accountId: AccountId) => Promise<Pick<StoredHash, 'failures' | 'disabledAt'>>;
  /**
   * The facts about a correct password: whether it is on the shipped list. A service for breached passwords is asked in the
   * background, and its result is for the next sign-in.
   */
  readonly factsOf: (right: RightPassword) => readonly ProofFact[];
  /**
   * Whether this is the account's password. Costs exactly one hash, also where there is no account or it has
   * no password, so that the time reveals nothing (A02).
   * An attempt counts as failed before it is made; after ninety in a row none is made any more from browsers that the
   * account does not know, and after a hundred none at all.
   * @throws {Overloaded} when too many hashes wait already
   */
  readonly verify: (
    accountId: AccountId | null,
    password: string,
    queueKey?: QueueKey,
  ) => Promise<Verification>;
  /**
   * Whether a new password is the one that the account has. It opens nothing, and so counts as no attempt; for a user who
   * has proved to own the account.
   * @throws {Overloaded} when too many hashes wait already
   */
  readonly isSame: (accountId: AccountId, acceptedPassword: string, queueKey: QueueKey) => Promise<boolean>;
  /** Whether a line of the hashing queue has no place left for another owner. */
  readonly isFull: (priority: Priority) => boolean;
};

/** A password that was just found to be the account's. */
export type RightPassword = {
  readonly accountId: AccountId;
  readonly version: number;
  readonly password: string;
};

export type PasswordParts = {
  readonly database: Database;
  readonly hasher: Hasher;
  readonly breaches: BreachCheck;
  readonly clock: Clock;
  readonly minimumCodePoints: number;
  readonly siteName: string;
  /** Notifies the owner that wrong passwords have disabled the password; called whenever that is found. */
  readonly onDisabled: (context: RequestContext, accountId: AccountId) => void;
};

export function createPasswords(parts: PasswordParts): Passwords {
  const { database, hasher, breaches, clock, minimumCodePoints, siteName, onDisabled } = parts;
  const { queries } = database;
  const findHash = hashLookUp(database);
  const findChangedAt = changedAtLookUp(database);
  const foundBreachedAt = foundBreachedAtLookUp(database);
  // Read now: a damaged list prevents the start, not a registration.
  commonPasswords();
  return {
    minimumCodePoints,
    check: async (password, contextWords) => {
      const policy = { minimumCodePoints, contextWords: [...contextWords, siteName] };
      const accepted = checkPassword(password, policy);
      if (!accepted.ok || !(await breaches.isBreached(accepted.password))) return accepted;
      return { ok: false, reason: { kind: 'common' } };
    },
    hash: hasher.hash,
    insert: insertPassword,
    version: (accountId) => findChangedAt(accountId ?? UNKNOWN_ID),
    set: setPassword,
    remove: deletePassword,
    disable: (transaction, accountId) =>
      disablePassword(transaction, accountId, {
        replacement: hasher.decoy,
        failures: MAX_CONSECUTIVE_FAILURES,
      }),
    noteDisabled: (transaction, accountId, now) =>
      noteDisabled(transaction, accountId, { most: MAX_FROM_UNKNOWN_DEVICES, now }),
    notifyIfDisabled: (context, accountId, verification) => {
      const isDisabled = verification === 'wrong-once-too-often' || verification === 'disabled';
      if (isDisabled && accountId !== null) onDisabled(context, accountId);
    },
    versionAfter,
    foundBreachedAt,
    isCommon: (typed) => !isTooLongToHash(typed) && isCommon(normalisePassword(typed)),
    failures: async (accountId) => (await findHash(accountId)) ?? { failures: 0, disabledAt: null },
    factsOf: ({ accountId, version, password: typed }) => {
      const password = normalisePassword(typed);
      if (isCommon(password)) return ['breached-password'];
      breaches.look(password, () => markBreached(queries, accountId, { version, now: clock() }));
      return [];
    },
    verify: createVerification(database, hasher),
    isSame: async (accountId, acceptedPassword, queueKey) => {
      const stored = await findHash(accountId);
      return stored !== null && hasher.verify(stored.hash, acceptedPassword, queueKey);
    },
    isFull: hasher.isFull,
  };
}
