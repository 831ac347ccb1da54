import type { Database } from '../../core/database/database.ts';
import type { Queries } from '../../core/database/schema.ts';
import type { Line } from '../../core/limits.ts';
import type { Hasher } from './hashing/hasher.ts';
import { commonPasswords } from './policy/blocklist.ts';
import { judgePassword, type PasswordJudgement } from './policy/policy.ts';
import { changedAtLookUp, insertPassword, type Replacement, replacePassword } from './store.ts';
import { createVerification, NOBODY, type Verification } from './verification.ts';

/** What other features may ask of passwords. */
export type Passwords = {
  /** The fewest code points of a new password. */
  readonly minimumCodePoints: number;
  /** Whether a new password is acceptable; context words are the username, the address and the like. */
  readonly judge: (password: string, contextWords: readonly string[]) => PasswordJudgement;
  /** @throws {Overloaded} when too many hashes wait already */
  readonly hash: (acceptedPassword: string, line?: Line) => Promise<string>;
  readonly insert: (transaction: Queries, accountId: string, hash: string, now: number) => Promise<void>;
  /** When the account's password was set, in milliseconds of UTC, which is different for each one; null without one. */
  readonly version: (accountId: string | null) => Promise<number | null>;
  /** Puts another password in the place of the one of that version; returns false when it is no longer that one. */
  readonly replace: (transaction: Queries, accountId: string, replacement: Replacement) => Promise<boolean>;
  /**
   * Whether this is the account's password. Costs exactly one hash, also where there is no account or it has
   * no password, so that the time tells nothing (A02).
   * An attempt counts as failed before it is made; after a hundred in a row none is made any more.
   * @throws {Overloaded} when too many hashes wait already
   */
  readonly verify: (accountId: string | null, password: string, line?: Line) => Promise<Verification>;
};

export type PasswordParts = {
  readonly database: Database;
  readonly hasher: Hasher;
  readonly minimumCodePoints: number;
  readonly siteName: string;
};

export function createPasswords({ database, hasher, minimumCodePoints, siteName }: PasswordParts): Passwords {
  const findChangedAt = changedAtLookUp(database);
  // Read now: a damaged list stops the start, not somebody's registration.
  commonPasswords();
  return {
    minimumCodePoints,
    judge: (password, contextWords) =>
      judgePassword(password, { minimumCodePoints, contextWords: [...contextWords, siteName] }),
    hash: hasher.hash,
    insert: insertPassword,
    version: (accountId) => findChangedAt(accountId ?? NOBODY),
    replace: replacePassword,
    verify: createVerification(database, hasher),
  };
}
