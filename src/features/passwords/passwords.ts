import type { Database } from '../../core/database/database.ts';
import type { Queries } from '../../core/database/schema.ts';
import { Overloaded } from '../../core/limits.ts';
import type { Hasher } from './hashing/hasher.ts';
import { commonPasswords } from './policy/blocklist.ts';
import {
  isTooLongToHash,
  judgePassword,
  normalisePassword,
  type PasswordJudgement,
} from './policy/policy.ts';
import {
  changedAtLookUp,
  hashLookUp,
  insertPassword,
  type Replacement,
  replaceOutdatedHash,
  replacePassword,
} from './store.ts';

/** What other features may ask of passwords. */
export type Passwords = {
  /** The fewest code points of a new password. */
  readonly minimumCodePoints: number;
  /** Whether a new password is acceptable; context words are the username, the address and the like. */
  readonly judge: (password: string, contextWords: readonly string[]) => PasswordJudgement;
  /** @throws {Overloaded} when too many hashes wait already */
  readonly hash: (acceptedPassword: string) => Promise<string>;
  readonly insert: (transaction: Queries, accountId: string, hash: string, now: number) => Promise<void>;
  /** When the account's password was set, in milliseconds of UTC, which is different for each one; null without one. */
  readonly version: (accountId: string | null) => Promise<number | null>;
  /** Puts another password in the place of the one of that version; returns false when it is no longer that one. */
  readonly replace: (transaction: Queries, accountId: string, replacement: Replacement) => Promise<boolean>;
  /**
   * Whether this is the account's password. Costs exactly one hash, also where there is no account or it has
   * no password, so that the time tells nothing (A02).
   * @throws {Overloaded} when too many hashes wait already
   */
  readonly verify: (accountId: string | null, password: string) => Promise<Verification>;
};

/** `pepper-lost`: nobody can tell, for the hash was made with a pepper that this server does not have. */
export type Verification = 'right' | 'wrong' | 'too-long' | 'pepper-lost';

// Looked up where there is no account, so that both cases do the same work. No account has this id.
const NOBODY = '00000000-0000-0000-0000-000000000000';

export type PasswordParts = {
  readonly database: Database;
  readonly hasher: Hasher;
  readonly minimumCodePoints: number;
  readonly siteName: string;
};

export function createPasswords({ database, hasher, minimumCodePoints, siteName }: PasswordParts): Passwords {
  const { queries } = database;
  const findHash = hashLookUp(database);
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
    verify: async (accountId, typed) => {
      if (isTooLongToHash(typed)) return 'too-long';
      const password = normalisePassword(typed);
      const stored = await findHash(accountId ?? NOBODY);
      const isRight = await hasher.verify(stored ?? hasher.decoy, password);
      if (!isRight || stored === null || accountId === null) {
        // An account from before the parameters were raised must not be told from none by its cheaper hash (A02).
        if (stored !== null) await hasher.makeUpFor(stored, password);
        return stored === null || hasher.isPepperKnown(stored) ? 'wrong' : 'pepper-lost';
      }
      if (hasher.isOutdated(stored)) await rehash(accountId, stored, password);
      return 'right';
    },
  };

  async function rehash(accountId: string, old: string, password: string): Promise<void> {
    try {
      await replaceOutdatedHash(queries, accountId, { old, fresh: await hasher.hash(password) });
    } catch (error) {
      // A busy server lets the person in today and strengthens the hash next time.
      if (!(error instanceof Overloaded)) throw error;
    }
  }
}
