import type { AuthTables } from '../../../auth/schema.ts';
import type * as sql from '../../../platform/sql/database.ts';
import type { ExpiringTable } from '../../../platform/sql/statements.ts';
import { bytesToId, idToBytes } from '../../../platform/text/uuid.ts';

export type VouchedTables = {
  external_sign_ins: {
    /** When the user authenticated at the provider; null where that is not known. */
    authenticated_at: number | null;
    id: Uint8Array;
    provider: string;
    issuer: string;
    subject: string;
    /** Of the name that the provider has for its own session (`sid`), by which it ends ours. */
    sid_hash: Uint8Array | null;
    /** What the claims say that the person may be here, in a session that begins with them. */
    roles: string | null;
    /** Sealed: what was said to us and may be needed once more, where the settings ask for that. */
    kept: Uint8Array | null;
    /** Whose session began with it, and which; null until it has. */
    account_id: Uint8Array | null;
    session_id: Uint8Array | null;
    created_at: number;
    expires_at: number;
  };
};

export const expiringVouched: ExpiringTable<VouchedTables> = {
  table: 'external_sign_ins',
  key: 'id',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & VouchedTables>;

export type NewVouched = {
  readonly id: string;
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  readonly sidHash: Uint8Array | null;
  readonly authenticatedAt: number | null;
  readonly roles: readonly string[];
  readonly kept: Uint8Array | null;
  readonly now: number;
  readonly expiresAt: number;
};

export async function insertVouched(queries: Queries, row: NewVouched): Promise<void> {
  await queries
    .insertInto('external_sign_ins')
    .values({
      id: idToBytes(row.id),
      provider: row.provider,
      issuer: row.issuer,
      subject: row.subject,
      sid_hash: row.sidHash,
      authenticated_at: row.authenticatedAt,
      roles: row.roles.length === 0 ? null : row.roles.join(' '),
      kept: row.kept,
      account_id: null,
      session_id: null,
      created_at: row.now,
      expires_at: row.expiresAt,
    })
    .execute();
}

export type Vouched = {
  readonly issuer: string;
  readonly subject: string;
  /** When the user authenticated there, as far as the provider tells and is believed; milliseconds of UTC. */
  readonly authenticatedAt: number | null;
  readonly roles: readonly string[];
  readonly kept: Uint8Array | null;
};

export async function findVouched(queries: Queries, id: string): Promise<Vouched | null> {
  const row = await queries
    .selectFrom('external_sign_ins')
    .select(['issuer', 'subject', 'authenticated_at', 'roles', 'kept'])
    .where('id', '=', idToBytes(id))
    .executeTakeFirst();
  if (row === undefined) return null;
  const { authenticated_at: authenticatedAt, roles, ...rest } = row;
  return { ...rest, authenticatedAt, roles: roles?.split(' ') ?? [] };
}

export type Bond = {
  readonly accountId: string;
  readonly sessionId: string;
  readonly kept: Uint8Array | null;
  readonly expiresAt: number;
};

/** Binds a sign-in to the session that began with it, once. @returns false where it is gone, or has a session already */
export async function bindVouched(transaction: Queries, id: string, bond: Bond): Promise<boolean> {
  const result = await transaction
    .updateTable('external_sign_ins')
    .set({
      account_id: idToBytes(bond.accountId),
      session_id: idToBytes(bond.sessionId),
      kept: bond.kept,
      expires_at: bond.expiresAt,
    })
    .where('id', '=', idToBytes(id))
    .where('session_id', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** With what a session began; null where no other site had to do with it. */
export async function vouchedOf(queries: Queries, sessionId: string) {
  const row = await queries
    .selectFrom('external_sign_ins')
    .select(['id', 'provider', 'kept'])
    .where('session_id', '=', idToBytes(sessionId))
    .executeTakeFirst();
  return row === undefined ? null : { ...row, id: bytesToId(row.id) };
}

/** Of whom an issuer says that they have left: everywhere, or where they had one session of its own. */
export type Left = {
  readonly issuer: string;
  readonly subject: string | null;
  readonly sidHash: Uint8Array | null;
};

/** The ids of the sign-ins of somebody who has left; at least one of both is given. */
export async function vouchedOfThoseWhoLeft(
  queries: Queries,
  { issuer, subject, sidHash }: Left,
): Promise<readonly string[]> {
  let found = queries.selectFrom('external_sign_ins').select('id').where('issuer', '=', issuer);
  if (subject !== null) found = found.where('subject', '=', subject);
  if (sidHash !== null) found = found.where('sid_hash', '=', sidHash);
  return (await found.execute()).map(({ id }) => bytesToId(id));
}

/** Takes back a sign-in that no session has begun with; returns false where one has, perhaps at this very moment. */
export async function deleteUnbound(queries: Queries, id: string): Promise<boolean> {
  const result = await queries
    .deleteFrom('external_sign_ins')
    .where('id', '=', idToBytes(id))
    .where('session_id', 'is', null)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** The session that has begun with a sign-in, and whose it is; null where there is none. */
export async function sessionOf(queries: Queries, id: string) {
  const row = await queries
    .selectFrom('external_sign_ins')
    .select(['account_id', 'session_id'])
    .where('id', '=', idToBytes(id))
    .executeTakeFirst();
  if (row === undefined || row.account_id === null || row.session_id === null) return null;
  return { accountId: bytesToId(row.account_id), sessionId: bytesToId(row.session_id) };
}

/** All that is kept of an account's sign-ins and is no proof, for its owner. */
export function everyVouchedOf(queries: Queries, accountId: string) {
  return queries
    .selectFrom('external_sign_ins')
    .select(['id', 'provider', 'issuer', 'subject', 'authenticated_at', 'roles', 'session_id'])
    .select(['created_at', 'expires_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}
