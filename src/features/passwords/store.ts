import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/index.ts';
import type { Generated } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';

export type PasswordTables = {
  passwords: {
    account_id: Uint8Array;
    /** PHC string: scheme, parameters, salt and hash. */
    hash: string;
    changed_at: number;
    /** Wrong passwords since the last right one. */
    consecutive_failures: Generated<number>;
    /** When it was found among stolen ones. One from before it was set was about another password. */
    found_breached_at: number | null;
    /** When its owner was notified that too many wrong ones in a row had disabled it; null while it works. */
    disabled_at: number | null;
  };
};

type Queries = sql.Queries<AuthTables & PasswordTables>;
type Database = sql.Database<AuthTables & PasswordTables>;

/** Gives an account its first password. */
export async function insertPassword(
  queries: Queries,
  accountId: AccountId,
  hash: string,
  now: number,
): Promise<void> {
  await queries
    .insertInto('passwords')
    .values({ account_id: idToBytes(accountId), hash, changed_at: now, consecutive_failures: 0 })
    .execute();
}

/** Prepares the look-up of an account's stored hash and of how often it failed; it gives null when there is none. */
export function hashLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  const find = lookUp(
    queries
      .selectFrom('passwords')
      .select(['hash', 'consecutive_failures', 'disabled_at'])
      .where('account_id', '=', placeholder)
      .compile(),
  );
  return async (accountId: AccountId): Promise<StoredHash | null> => {
    const row = await find(idToBytes(accountId));
    if (row === undefined) return null;
    return { hash: row.hash, failures: row.consecutive_failures, disabledAt: row.disabled_at };
  };
}

export type StoredHash = {
  readonly hash: string;
  readonly failures: number;
  readonly disabledAt: number | null;
};

/** Prepares the look-up of when an account's password was set; it gives null when there is none. */
export function changedAtLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  const find = lookUp(
    queries.selectFrom('passwords').select('changed_at').where('account_id', '=', placeholder).compile(),
  );
  return async (accountId: AccountId): Promise<number | null> =>
    (await find(idToBytes(accountId)))?.changed_at ?? null;
}

/**
 * Prepares the look-up of when an account's password was found among stolen ones; it gives null when it was not. A mark
 * from before the password was set is about another one.
 */
export function foundBreachedAtLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  const find = lookUp(
    queries
      .selectFrom('passwords')
      .select(['changed_at', 'found_breached_at'])
      .where('account_id', '=', placeholder)
      .compile(),
  );
  return async (accountId: AccountId): Promise<number | null> => {
    const { changed_at: changedAt = 0, found_breached_at: foundAt = null } =
      (await find(idToBytes(accountId))) ?? {};
    return foundAt === null || foundAt < changedAt ? null : foundAt;
  };
}

// The version is in the condition: a result about a password does not apply to its replacement.
export async function markBreached(
  queries: Queries,
  accountId: AccountId,
  { version, now }: { readonly version: number; readonly now: number },
): Promise<void> {
  await queries
    .updateTable('passwords')
    .set({ found_breached_at: Math.max(now, version) })
    .where('account_id', '=', idToBytes(accountId))
    .where('changed_at', '=', version)
    .execute();
}

export type NewPassword = {
  /** When the password that is to be replaced was set; null where there is to be none yet. */
  readonly version: number | null;
  readonly hash: string;
  readonly now: number;
};

/** The version that a replacement gives: always another one, whatever the clock does. */
export function versionAfter({ version, now }: { readonly version: number; readonly now: number }): number {
  return Math.max(now, version + 1);
}

/**
 * Replaces the password of an account, or sets the first one. Of several changes of one password at once, the condition
 * lets one through. It names the version and not the hash, which a sign-in may renew at a higher cost meanwhile.
 * @throws an error of the database where the account is to have none yet and has got one meanwhile
 */
export async function setPassword(
  queries: Queries,
  accountId: AccountId,
  { version, hash, now }: NewPassword,
): Promise<boolean> {
  if (version === null) {
    await insertPassword(queries, accountId, hash, now);
    return true;
  }
  const result = await queries
    .updateTable('passwords')
    .set({
      hash,
      changed_at: versionAfter({ version, now }),
      found_breached_at: null,
      consecutive_failures: 0,
      disabled_at: null,
    })
    .where('account_id', '=', idToBytes(accountId))
    .where('changed_at', '=', version)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes the password of an account; of parallel requests, one gets `true`. */
export async function deletePassword(transaction: Queries, accountId: AccountId): Promise<boolean> {
  const result = await transaction
    .deleteFrom('passwords')
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/**
 * Counts an attempt as failed before it is made; returns false when there are as many already. However many are made at
 * once, this condition lets no more through (NIST SP 800-63B-4 §3.2.2).
 */
export async function reserveFailure(queries: Queries, accountId: AccountId, most: number): Promise<boolean> {
  const result = await queries
    .updateTable('passwords')
    .set((password) => ({ consecutive_failures: password('consecutive_failures', '+', 1) }))
    .where('account_id', '=', idToBytes(accountId))
    .where('consecutive_failures', '<', most)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Notes that a password was disabled by wrong ones, once until it works again. Of all requests that find it, on however
 * many nodes, this condition lets one notify the owner.
 */
export async function noteDisabled(
  transaction: Queries,
  accountId: AccountId,
  { most, now }: { readonly most: number; readonly now: number },
): Promise<boolean> {
  const result = await transaction
    .updateTable('passwords')
    .set({ disabled_at: now })
    .where('account_id', '=', idToBytes(accountId))
    .where('consecutive_failures', '>=', most)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Disables a password until it is replaced, as too many wrong ones in a row do. It gets another version, so that a client that
 * has just entered it correctly is refused, too (A11).
 * @param replacement the hash of an unknown password
 * @returns its version from now on, or null where there is none
 */
export async function disablePassword(
  transaction: Queries,
  accountId: AccountId,
  { replacement, failures }: { readonly replacement: string; readonly failures: number },
): Promise<number | null> {
  await transaction
    .updateTable('passwords')
    .set((password) => ({
      hash: replacement,
      changed_at: password('changed_at', '+', 1),
      consecutive_failures: failures,
      // The change that disables it notifies the owner.
      disabled_at: password('changed_at', '+', 1),
    }))
    .where('account_id', '=', idToBytes(accountId))
    .execute();
  const row = await transaction
    .selectFrom('passwords')
    .select('changed_at')
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return row?.changed_at ?? null;
}

/** Takes back that an attempt failed, which was not made after all. */
export async function giveFailureBack(queries: Queries, accountId: AccountId): Promise<void> {
  await queries
    .updateTable('passwords')
    .set((password) => ({ consecutive_failures: password('consecutive_failures', '-', 1) }))
    .where('account_id', '=', idToBytes(accountId))
    .where('consecutive_failures', '>', 0)
    .execute();
}

/** Forgets the failures of this very password, which has just been given right. */
export async function forgetFailures(queries: Queries, accountId: AccountId, hash: string): Promise<void> {
  await queries
    .updateTable('passwords')
    .set({ consecutive_failures: 0, disabled_at: null })
    .where('account_id', '=', idToBytes(accountId))
    .where('hash', '=', hash)
    .execute();
}

// The old hash is in the condition: a password changed meanwhile must not be undone by a rehash.
export async function replaceOutdatedHash(
  queries: Queries,
  accountId: AccountId,
  hashes: { readonly old: string; readonly fresh: string },
): Promise<void> {
  await queries
    .updateTable('passwords')
    .set({ hash: hashes.fresh })
    .where('account_id', '=', idToBytes(accountId))
    .where('hash', '=', hashes.old)
    .execute();
}

/** How many hashes there are, and how many of them name a given key; any key where it is null. Reads all rows. */
export async function countHashes(
  queries: Queries,
  keyId: string | null,
): Promise<{ all: number; named: number }> {
  const count = async (pattern: string) => {
    const row = await queries
      .selectFrom('passwords')
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .where('hash', 'like', pattern)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };
  return { all: await count('%'), named: await count(`$argon2id$%,keyid=${keyId ?? '%'}$%`) };
}
