import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Database } from '../../auth/schema.ts';
import { createDecoyWrite, maxConsecutiveFailures } from '../../platform/rate-limit/index.ts';
import { Overloaded, type QueueKey } from '../../platform/runtime/index.ts';
import { UNKNOWN_ID } from '../../platform/text/index.ts';
import type { Hasher } from './hashing/hasher.ts';
import { isTooLongToHash, normalisePassword } from './policy/policy.ts';
import { accountKey } from './queue-keys.ts';
import {
  forgetFailures,
  giveFailureBack,
  hashLookUp,
  replaceOutdatedHash,
  reserveFailure,
  type StoredHash,
} from './store.ts';

/**
 * `pepper-lost`: the hash was made with a pepper that this server does not have.
 * `wrong-once-too-often`: this was the last failure that is permitted there. `disabled`: that was so before, and nothing
 * was compared; the password must be reset, or given in a browser that the account knows.
 */
export type Verification =
  | 'right'
  | 'wrong'
  | 'wrong-once-too-often'
  | 'disabled'
  | 'too-long'
  | 'pepper-lost';

type Outdated = { readonly hash: string; readonly password: string; readonly queueKey: QueueKey };

type Verify = (accountId: AccountId | null, typed: string, queueKey?: QueueKey) => Promise<Verification>;

export function createVerification(database: Database, hasher: Hasher): Verify {
  // Failure counts use asynchronous commit: a power loss may lose a few of a hundred, and a client cannot cause one.
  const queries = database.asyncCommit.queries;
  const findHash = hashLookUp(database);
  const decoyWrite = createDecoyWrite(database);

  return async (accountId, typed, queueKey = accountKey(accountId)) => {
    if (isTooLongToHash(typed)) return 'too-long';
    const password = normalisePassword(typed);
    const account = accountId ?? UNKNOWN_ID;
    // The count survives restarts; a right password or a new one begins again.
    const most = maxConsecutiveFailures(queueKey.priority === 'known');
    const mayBeTried = await reserve(accountId, most);
    const stored = await findHash(account);
    const hash = mayBeTried ? (stored?.hash ?? null) : null;
    const isRight = await isPassword(account, hash, password, queueKey);
    if (!isRight || hash === null) return refusal(stored, mayBeTried, most);
    await forgetFailures(queries, account, hash);
    if (hasher.isOutdated(hash)) await rehash(account, { hash, password, queueKey });
    return 'right';
  };

  /** Writes once, for every account and for none. */
  async function reserve(accountId: AccountId | null, most: number): Promise<boolean> {
    const isReserved = accountId !== null && (await reserveFailure(queries, accountId, most));
    if (!isReserved) await decoyWrite();
    return isReserved;
  }

  /** Costs the same whether there is a hash or not. */
  async function isPassword(accountId: AccountId, hash: string | null, password: string, queueKey: QueueKey) {
    try {
      const isRight = await hasher.verify(hash ?? hasher.decoy, password, queueKey);
      // The cheaper hash of an account from before the parameters were raised must not distinguish it from none (A02).
      if (!isRight && hash !== null) await hasher.makeUpFor(hash, password, queueKey);
      return isRight;
    } catch (error) {
      // It was turned away and not tried.
      if (error instanceof Overloaded && hash !== null) await giveFailureBack(queries, accountId);
      throw error;
    }
  }

  function refusal(stored: StoredHash | null, wasTried: boolean, most: number): Verification {
    if (stored === null) return 'wrong';
    if (!wasTried) return 'disabled';
    if (!hasher.isPepperKnown(stored.hash)) return 'pepper-lost';
    return stored.failures >= most ? 'wrong-once-too-often' : 'wrong';
  }

  async function rehash(accountId: AccountId, { hash: old, password, queueKey }: Outdated): Promise<void> {
    try {
      await replaceOutdatedHash(queries, accountId, { old, fresh: await hasher.hash(password, queueKey) });
    } catch (error) {
      // A busy server signs the user in and strengthens the hash next time.
      if (!(error instanceof Overloaded)) throw error;
    }
  }
}
