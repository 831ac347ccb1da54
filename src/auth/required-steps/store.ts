import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import type { AccountTables } from '../accounts/store.ts';
import type { AccountId } from '../identifiers/ids.ts';

export type PendingSignInTables = {
  pending_sign_ins: {
    /** Of the token in the browser's cookie. */
    token_hash: Uint8Array;
    account_id: Uint8Array;
    /** The sign-in method, such as `password`. */
    method: string;
    /** What the proof named, such as the version of the password at that time. */
    credential: string;
    /** 1 when the user chose to stay signed in, else 0. */
    is_remembered: number;
    /** The page that the user wants next; a path of ours. */
    next_path: string | null;
    /** The facts of the proof, as a JSON array. */
    facts: string;
    /** As in a session. */
    proven_at: number | null;
    proven_by: string | null;
    created_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
};

export const expiringPendingSignIns: ExpiringTable<PendingSignInTables> = {
  table: 'pending_sign_ins',
  key: 'token_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<PendingSignInTables & AccountTables>;

export type PendingSignInRow = PendingSignInTables['pending_sign_ins'];

// One statement decides, as for sessions: an account disabled at this moment gets no pending sign-in (A12). One that is to
// be deleted does, because signing in keeps it.
export async function insertForUsableAccount(queries: Queries, row: PendingSignInRow): Promise<boolean> {
  const columns = Object.keys(row) as (keyof PendingSignInRow)[];
  const result = await queries
    .insertInto('pending_sign_ins')
    .columns(columns)
    .expression((build) =>
      build
        .selectFrom('accounts')
        .select(({ val }) => columns.map((column) => val(row[column]).as(column)))
        .where('accounts.id', '=', row.account_id)
        .where('accounts.disabled_at', 'is', null)
        .where(({ or, eb }) =>
          or([eb('accounts.delete_at', 'is', null), eb('accounts.delete_at', '>', row.created_at)]),
        ),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** A pending sign-in with its username, perhaps an expired one; none if the account is disabled or overdue. */
export function findPendingSignIn(queries: Queries, tokenHash: Uint8Array, now: number) {
  return queries
    .selectFrom('pending_sign_ins')
    .innerJoin('accounts', 'accounts.id', 'pending_sign_ins.account_id')
    .selectAll('pending_sign_ins')
    .select(['accounts.username', 'accounts.email'])
    .where('pending_sign_ins.token_hash', '=', tokenHash)
    .where('accounts.disabled_at', 'is', null)
    .where(({ or, eb }) => or([eb('accounts.delete_at', 'is', null), eb('accounts.delete_at', '>', now)]))
    .executeTakeFirst();
}

/** Deletes a pending sign-in; of concurrent calls, one returns true. */
export async function deletePendingSignIn(queries: Queries, tokenHash: Uint8Array): Promise<boolean> {
  const result = await queries
    .deleteFrom('pending_sign_ins')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Deletes all pending sign-ins of an account, or all but one. */
export async function deletePendingSignInsOf(
  queries: Queries,
  accountId: AccountId,
  kept: Uint8Array | null = null,
): Promise<void> {
  const all = queries.deleteFrom('pending_sign_ins').where('account_id', '=', idToBytes(accountId));
  await (kept === null ? all : all.where('token_hash', '!=', kept)).execute();
}

/** The pending sign-ins of an account without hashes and seals, for the export. */
export function everyPendingSignInOf(queries: Queries, accountId: AccountId) {
  return queries
    .selectFrom('pending_sign_ins')
    .select(['method', 'is_remembered', 'next_path', 'proven_at', 'proven_by', 'created_at', 'expires_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at', 'desc')
    .orderBy('token_hash')
    .execute();
}
