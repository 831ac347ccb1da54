import type { Generations } from '../../platform/rate-limit/index.ts';
import type * as sql from '../../platform/sql/index.ts';
import { limitTo, lockRow } from '../../platform/sql/index.ts';
import { type EmailAddress, idToBytes, UNKNOWN_ID } from '../../platform/text/index.ts';
import { type AccountId, accountIds } from '../identifiers/ids.ts';
import type { Account, EmailProof, EmailReplacement, NewAccount, NewOwner } from './account.ts';

export type AccountTables = {
  accounts: {
    id: Uint8Array;
    /** As typed, for display. */
    username: string;
    /** The canonical form, by which it is unique. */
    username_key: string;
    /** Where mail goes, as stored; null when the user gave none. */
    email: string | null;
    email_key: string | null;
    email_verified_at: number | null;
    created_at: number;
    disabled_at: number | null;
    /** When the account is to be deleted, as its owner requested; no user is signed in until then. */
    delete_at: number | null;
    /** The generation of its known devices: those of an earlier one are unknown again. */
    devices_forgotten_at: number | null;
  };
};

type Queries = sql.Queries<AccountTables>;
type Database = sql.Database<AccountTables>;

/** Disables an account; returns whether it was enabled until now. */
export async function disableAccount(queries: Queries, accountId: AccountId, now: number): Promise<boolean> {
  const result = await queries
    .updateTable('accounts')
    .set({ disabled_at: now })
    .where('id', '=', idToBytes(accountId))
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Enables an account; returns whether it was disabled until now. */
export async function enableAccount(queries: Queries, accountId: AccountId): Promise<boolean> {
  const result = await queries
    .updateTable('accounts')
    .set({ disabled_at: null })
    .where('id', '=', idToBytes(accountId))
    .where('disabled_at', 'is not', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Sets when an account is deleted; returns false if that was set before, and keeps it. */
export async function scheduleDeletion(
  queries: Queries,
  accountId: AccountId,
  deleteAt: number,
): Promise<boolean> {
  const result = await queries
    .updateTable('accounts')
    .set({ delete_at: deleteAt })
    .where('id', '=', idToBytes(accountId))
    .where('delete_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Keeps an account that was to go later than now and is not disabled; returns whether there was such a one. */
export async function cancelDeletion(queries: Queries, accountId: AccountId, now: number): Promise<boolean> {
  const result = await queries
    .updateTable('accounts')
    .set({ delete_at: null })
    .where('id', '=', idToBytes(accountId))
    .where('delete_at', '>', now)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes an account with all that refers to it; of concurrent calls, one returns true. */
export async function deleteAccount(queries: Queries, accountId: AccountId): Promise<boolean> {
  const result = await queries
    .deleteFrom('accounts')
    .where('id', '=', idToBytes(accountId))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** The same, if it is past `delete_at`. */
export async function deleteDueAccount(
  queries: Queries,
  accountId: AccountId,
  now: number,
): Promise<boolean> {
  const result = await queries
    .deleteFrom('accounts')
    .where('id', '=', idToBytes(accountId))
    .where('delete_at', '<=', now)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** An account past `delete_at`, which is its position in their order. */
export type DueAccount = { readonly id: AccountId; readonly deleteAt: number };

/** The accounts past `delete_at` that come after another, the longest overdue first, at most `max`. */
export async function dueAccounts(
  queries: Queries,
  now: number,
  max: number,
  after: DueAccount = { id: UNKNOWN_ID, deleteAt: 0 },
): Promise<readonly DueAccount[]> {
  const rows = await queries
    .selectFrom('accounts')
    .select(['id', 'delete_at'])
    .where('delete_at', '>=', after.deleteAt)
    .where('delete_at', '<=', now)
    .where((row) => row.or([row('delete_at', '>', after.deleteAt), row('id', '>', idToBytes(after.id))]))
    .orderBy('delete_at')
    .orderBy('id')
    .limit(limitTo(max))
    .execute();
  return rows.map(({ id, delete_at }) => ({ id: accountIds.fromBytes(id), deleteAt: Number(delete_at) }));
}

/** Makes other changes of this account wait until the transaction ends. */
export const lockAccount = (transaction: Queries, accountId: AccountId): Promise<boolean> =>
  lockRow(transaction, { table: 'accounts', key: 'id', id: idToBytes(accountId), number: 'created_at' });

/**
 * Confirms an address, once; of concurrent calls, one returns true (A15).
 * @returns false when the account has another address, is disabled, or is past `delete_at`
 */
export async function confirmEmail(transaction: Queries, proof: EmailProof, now: number): Promise<boolean> {
  const result = await transaction
    .updateTable('accounts')
    .set({ email_verified_at: now, ...(proof.isKept && { delete_at: null }) })
    .where('id', '=', idToBytes(proof.accountId))
    .where('email', '=', proof.address)
    .where('email_key', 'is not', null)
    .where('email_verified_at', 'is', null)
    .where('disabled_at', 'is', null)
    .where(({ or, eb }) => or([eb('delete_at', 'is', null), eb('delete_at', '>', now)]))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/**
 * Gives an account another address.
 * @returns false when its address is no longer `from`, it is disabled, or it is past `delete_at`
 * @throws an error of the database when another account has the address
 */
export async function changeEmail(
  transaction: Queries,
  { accountId, from, to }: EmailReplacement,
  now: number,
): Promise<boolean> {
  const update = transaction
    .updateTable('accounts')
    .set({ email: to.address, email_key: to.key, email_verified_at: now })
    .where('id', '=', idToBytes(accountId))
    .where('disabled_at', 'is', null)
    .where(({ or, eb }) => or([eb('delete_at', 'is', null), eb('delete_at', '>', now)]));
  if (from === undefined) return hasChanged(await update.executeTakeFirst());
  const bound = from === null ? update.where('email', 'is', null) : update.where('email', '=', from);
  return hasChanged(await bound.executeTakeFirst());
}

/**
 * Removes an address that another user has confirmed from an account that never did. Where addresses have to be confirmed,
 * the account keeps the typed address, cannot confirm it any more, and is deleted when it is due (A37).
 */
export async function giveUpUnconfirmedEmail(
  transaction: Queries,
  { key }: EmailAddress,
  { ownerId, isRequired }: NewOwner,
): Promise<void> {
  await transaction
    .updateTable('accounts')
    .set({ email_key: null, ...(!isRequired && { email: null }) })
    .where('email_key', '=', key)
    .where('email_verified_at', 'is', null)
    .where('id', '!=', idToBytes(ownerId))
    .execute();
}

function hasChanged({ numUpdatedRows }: { readonly numUpdatedRows: bigint }): boolean {
  return numUpdatedRows === 1n;
}

export function idLookUp({ queries, lookUp }: Database, column: 'username_key' | 'email_key') {
  const placeholder = '';
  return lookUp(queries.selectFrom('accounts').select('id').where(column, '=', placeholder).compile());
}

/** Prepares the look-up of an account's id by an address that its owner has confirmed. */
export function confirmedEmailLookUp({ queries, lookUp }: Database) {
  const placeholder = '';
  return lookUp(
    queries
      .selectFrom('accounts')
      .select('id')
      .where('email_key', '=', placeholder)
      .where('email_verified_at', 'is not', null)
      .compile(),
  );
}

/**
 * Clears the known devices of an account by beginning another generation of them, which is always a new one, whatever the
 * clock does (A59). The account must be locked.
 */
export async function clearKnownDevices(
  transaction: Queries,
  accountId: AccountId,
  now: number,
): Promise<Generations> {
  const id = idToBytes(accountId);
  const row = await transaction
    .selectFrom('accounts')
    .select('devices_forgotten_at')
    .where('id', '=', id)
    .executeTakeFirst();
  const before = row?.devices_forgotten_at ?? 0;
  const after = Math.max(now, before + 1);
  await transaction
    .updateTable('accounts')
    .set({ devices_forgotten_at: after })
    .where('id', '=', id)
    .execute();
  return { before, after };
}

/** Prepares the look-up of when the browsers were forgotten that an account knew. */
export function forgettingLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  return lookUp(
    queries.selectFrom('accounts').select('devices_forgotten_at').where('id', '=', placeholder).compile(),
  );
}

export function accountLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  return lookUp(selectAccounts(queries).where('id', '=', placeholder).compile());
}

export function selectAccounts(queries: Queries) {
  return queries
    .selectFrom('accounts')
    .select(['id', 'username', 'email', 'email_verified_at', 'created_at', 'disabled_at', 'delete_at']);
}

export function accountFrom(
  row: Omit<AccountTables['accounts'], 'username_key' | 'email_key' | 'devices_forgotten_at'>,
): Account {
  return {
    id: accountIds.fromBytes(row.id),
    username: row.username,
    email: row.email,
    emailVerifiedAt: row.email_verified_at,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    deleteAt: row.delete_at,
  };
}

export async function insertAccount(
  transaction: Queries,
  accountId: AccountId,
  account: NewAccount,
  now: number,
) {
  const { unconfirmed } = account;
  await transaction
    .insertInto('accounts')
    .values({
      id: idToBytes(accountId),
      username: account.username.username,
      username_key: account.username.key,
      email: account.email?.address ?? null,
      email_key: unconfirmed?.isAddressTaken === true ? null : (account.email?.key ?? null),
      email_verified_at: null,
      created_at: now,
      disabled_at: null,
      delete_at: unconfirmed?.until ?? null,
      devices_forgotten_at: null,
    })
    .execute();
}

/** The field of a new account that another account has. */
export async function takenField(queries: Queries, account: NewAccount): Promise<'username' | 'email'> {
  if (account.email === null) return 'username';
  const row = await queries
    .selectFrom('accounts')
    .select('id')
    .where('username_key', '=', account.username.key)
    .executeTakeFirst();
  return row === undefined ? 'email' : 'username';
}
