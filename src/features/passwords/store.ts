import type { Queries } from '../../core/database/schema.ts';
import { idToBytes } from '../../core/identifiers/uuid.ts';

/** Gives an account its first password. */
export async function insertPassword(
  queries: Queries,
  accountId: string,
  hash: string,
  now: number,
): Promise<void> {
  await queries
    .insertInto('passwords')
    .values({ account_id: idToBytes(accountId), hash, changed_at: now })
    .execute();
}

/** The stored hash of an account's password, or null when it has none. */
export async function findHash(queries: Queries, accountId: string): Promise<string | null> {
  const row = await queries
    .selectFrom('passwords')
    .select('hash')
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return row?.hash ?? null;
}

// The old hash stands in the condition: a password changed meanwhile must not be undone by a rehash.
export async function replaceOutdatedHash(
  queries: Queries,
  accountId: string,
  hashes: { readonly old: string; readonly fresh: string },
): Promise<void> {
  await queries
    .updateTable('passwords')
    .set({ hash: hashes.fresh })
    .where('account_id', '=', idToBytes(accountId))
    .where('hash', '=', hashes.old)
    .execute();
}
