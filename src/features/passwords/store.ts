import type { Database } from '../../core/database/database.ts';
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

/** Prepares the look-up of an account's stored hash; it gives null when there is none. */
export function hashLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  const find = lookUp(
    queries.selectFrom('passwords').select('hash').where('account_id', '=', placeholder).compile(),
  );
  return async (accountId: string): Promise<string | null> =>
    (await find(idToBytes(accountId)))?.hash ?? null;
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
