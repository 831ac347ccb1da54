import { type AccountId, accountIds } from '../../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../../auth/schema.ts';
import type * as sql from '../../../platform/sql/index.ts';
import { lockRow } from '../../../platform/sql/index.ts';
import { bytesToId, type Id, idToBytes } from '../../../platform/text/index.ts';

export type IdentityTables = {
  external_identities: {
    id: Uint8Array;
    account_id: Uint8Array;
    /** The name of the provider in the settings, such as `google`. */
    provider: string;
    /** Identifies the user together with the subject; an address never does. */
    issuer: string;
    subject: string;
    /** A name by which the user recognises the identity, such as an address. */
    handle: string | null;
    /** The address that a trusted provider has verified, as `accounts.email_key`. */
    verified_email_key: string | null;
    created_at: number;
    last_used_at: number | null;
  };
};

type Queries = sql.Queries<AuthTables & IdentityTables>;

type NewIdentity = {
  readonly id: Id;
  readonly accountId: AccountId;
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly handle: string | null;
  /** The key of the address that the provider has verified, if it is trusted to; null without one. */
  readonly verifiedEmailKey: string | null;
  readonly now: number;
};

/** Links an identity to an account. @throws an error of the database if the identity is linked to any account */
export async function insertIdentity(queries: Queries, row: NewIdentity): Promise<void> {
  await queries
    .insertInto('external_identities')
    .values({
      id: idToBytes(row.id),
      account_id: idToBytes(row.accountId),
      provider: row.provider,
      issuer: row.issuer,
      subject: row.subject,
      handle: row.handle,
      verified_email_key: row.verifiedEmailKey,
      created_at: row.now,
      last_used_at: row.now,
    })
    .execute();
}

/** The linked identity and its account; null if no account has it. */
export async function findIdentity(queries: Queries, issuer: string, subject: string) {
  const row = await queries
    .selectFrom('external_identities')
    .select(['id', 'account_id'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { id: bytesToId(row.id), accountId: accountIds.fromBytes(row.account_id) };
}

/** The identities of an account, the oldest first. */
export function identitiesOf(queries: Queries, accountId: AccountId) {
  return queries
    .selectFrom('external_identities')
    .select(['id', 'provider', 'issuer', 'subject', 'handle', 'verified_email_key'])
    .select(['created_at', 'last_used_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Locks the row of an identity until the transaction ends. @returns whether it exists */
export async function lockIdentity(transaction: Queries, id: Id): Promise<boolean> {
  return lockRow(transaction, {
    table: 'external_identities',
    key: 'id',
    id: idToBytes(id),
    number: 'created_at',
  });
}

/** Records that an identity was used. The time never moves back, so the later of two parallel requests wins. */
export async function noteUse(queries: Queries, id: Id, now: number): Promise<void> {
  await queries
    .updateTable('external_identities')
    .set({ last_used_at: now })
    .where('id', '=', idToBytes(id))
    .where('last_used_at', '<', now)
    .execute();
}

/** Unlinks an identity from its account. Of parallel requests, one gets `true`. */
export async function deleteIdentity(queries: Queries, accountId: AccountId, id: Id): Promise<boolean> {
  const result = await queries
    .deleteFrom('external_identities')
    .where('id', '=', idToBytes(id))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Unlinks the identities of an account except those whose ids are given. */
export async function deleteIdentitiesOf(
  queries: Queries,
  accountId: AccountId,
  kept: readonly Id[] = [],
): Promise<void> {
  const all = queries.deleteFrom('external_identities').where('account_id', '=', idToBytes(accountId));
  await (kept.length === 0 ? all : all.where('id', 'not in', kept.map(idToBytes))).execute();
}
