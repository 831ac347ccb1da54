import type { AuthTables } from '../../auth/schema.ts';
import type * as sql from '../../platform/sql/database.ts';
import type { ExpiringTable } from '../../platform/sql/statements.ts';
import { bytesToId, idToBytes } from '../../platform/text/uuid.ts';

export type ExternalTables = {
  external_identities: {
    id: Uint8Array;
    account_id: Uint8Array;
    /** The name of the provider in the settings, such as `google`. */
    provider: string;
    /** Together with the subject it is who somebody is; an address never is. */
    issuer: string;
    subject: string;
    /** What its owner knows it by, such as an address, for them to see. */
    handle: string | null;
    /** The address that a provider which is trusted with addresses has verified, as `accounts.email_key`. */
    verified_email_key: string | null;
    created_at: number;
    last_used_at: number | null;
  };
  external_transactions: {
    /** Of the state that goes to the provider and comes back. */
    state_hash: Uint8Array;
    /** Of the token in the cookie of the browser that began. */
    browser_hash: Uint8Array;
    provider: string;
    /** What it was begun for, such as `link`. */
    intent: string;
    /** Where it was begun by somebody signed in; it is good in that session alone. */
    session_id: Uint8Array | null;
    /** Where the person wants to go; a path of ours. */
    next_path: string | null;
    created_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
};

export const expiringTransactions: ExpiringTable<ExternalTables> = {
  table: 'external_transactions',
  key: 'state_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & ExternalTables>;

export type TransactionRow = ExternalTables['external_transactions'];

export async function insertTransaction(queries: Queries, row: TransactionRow): Promise<void> {
  await queries.insertInto('external_transactions').values(row).execute();
}

/** A transaction that this browser has begun with this provider, perhaps an expired one. Rows never change, so what is read is what is ended. */
export function findTransaction(
  queries: Queries,
  shown: Pick<TransactionRow, 'state_hash' | 'browser_hash' | 'provider'>,
): Promise<TransactionRow | undefined> {
  return queries
    .selectFrom('external_transactions')
    .selectAll()
    .where('state_hash', '=', shown.state_hash)
    .where('browser_hash', '=', shown.browser_hash)
    .where('provider', '=', shown.provider)
    .executeTakeFirst();
}

/** Ends a transaction; of all who do so at once, one is told that it did (A15). */
export async function deleteTransaction(queries: Queries, stateHash: Uint8Array): Promise<boolean> {
  const result = await queries
    .deleteFrom('external_transactions')
    .where('state_hash', '=', stateHash)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

export type NewIdentity = {
  readonly id: string;
  readonly accountId: string;
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly handle: string | null;
  /** The key of the address that the provider has verified and is trusted about; null without one. */
  readonly verifiedEmailKey: string | null;
  readonly now: number;
};

/** Connects an identity with an account. @throws an error of the database where it is connected already, here or elsewhere */
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

/** Which identity it is here, and whose; null where nobody has it. */
export async function findIdentity(queries: Queries, issuer: string, subject: string) {
  const row = await queries
    .selectFrom('external_identities')
    .select(['id', 'account_id'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row === undefined ? null : { id: bytesToId(row.id), accountId: bytesToId(row.account_id) };
}

/** The identities of an account, the oldest first. */
export function identitiesOf(queries: Queries, accountId: string) {
  return queries
    .selectFrom('external_identities')
    .select(['id', 'provider', 'issuer', 'subject', 'handle', 'verified_email_key'])
    .select(['created_at', 'last_used_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Makes everybody else who changes an identity wait until the transaction ends; returns whether it is there. */
export async function lockIdentity(transaction: Queries, id: string): Promise<boolean> {
  const result = await transaction
    .updateTable('external_identities')
    .set(({ ref }) => ({ created_at: ref('created_at') }))
    .where('id', '=', idToBytes(id))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

// It only moves forward, so of two at once the later stands.
export async function noteUse(queries: Queries, id: string, now: number): Promise<void> {
  await queries
    .updateTable('external_identities')
    .set({ last_used_at: now })
    .where('id', '=', idToBytes(id))
    .where('last_used_at', '<', now)
    .execute();
}

/** Disconnects an identity from its account; of all who do so at once, one is told that it did. */
export async function deleteIdentity(queries: Queries, accountId: string, id: string): Promise<boolean> {
  const result = await queries
    .deleteFrom('external_identities')
    .where('id', '=', idToBytes(id))
    .where('account_id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Disconnects the identities of an account but those whose ids are given. */
export async function deleteIdentitiesOf(
  queries: Queries,
  accountId: string,
  kept: readonly string[] = [],
): Promise<void> {
  const all = queries.deleteFrom('external_identities').where('account_id', '=', idToBytes(accountId));
  await (kept.length === 0 ? all : all.where('id', 'not in', kept.map(idToBytes))).execute();
}
