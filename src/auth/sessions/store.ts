import type * as sql from '../../platform/sql/index.ts';
import type { ExpiringTable, TextQuery } from '../../platform/sql/index.ts';
import { lockRow } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import type { AccountTables } from '../accounts/store.ts';
import type { AccountId } from '../identifiers/ids.ts';
import type { Device, Proof, ProofKind, ProvenFactor } from './session.ts';

export type SessionTables = {
  sessions: {
    id: Uint8Array;
    /** The HMAC of the current token, the account, `created_at` and `expires_at`, under a key derived from `SECRET_KEY`. */
    token_hash: Uint8Array;
    token_issued_at: number;
    /** Of the token that the current one replaced. */
    previous_token_hash: Uint8Array | null;
    previous_issued_at: number | null;
    /** Until when the replaced token still works; null when it died at once. */
    previous_until: number | null;
    /** With the replaced token it gives the current one again; 16 bytes. */
    successor_salt: Uint8Array | null;
    account_id: Uint8Array;
    /** The sign-in method, such as `password`. */
    method: string;
    /** 1 when the user chose to stay signed in, else 0. */
    is_remembered: number;
    /** When the user last authenticated actively; null where nothing shows that. */
    proven_at: number | null;
    /** By what, as in `ProofKind`; null likewise. */
    proven_by: string | null;
    /** The second factor that was proven last, and when; null without one. */
    second_factor: string | null;
    second_factor_at: number | null;
    created_at: number;
    last_seen_at: number;
    expires_at: number;
    /** When a token that was replaced long ago was used; the session has ended, and its owner is still to be notified. */
    stolen_at: number | null;
    /** As the browser called itself at sign-in. */
    user_agent: string;
    /** Where it was used from last. */
    address: string;
    /** The roles that a provider has asserted, separated by spaces; null without any. */
    roles: string | null;
  };
};

export const expiringSessions: ExpiringTable<SessionTables> = {
  table: 'sessions',
  key: 'id',
  column: 'expires_at',
};

type Queries = sql.Queries<SessionTables & AccountTables>;
type Database = sql.Database<SessionTables & AccountTables>;

/** The roles that a feature keeps of accounts; the look-up of a session reads them in its one statement. */
export type AccountRoles = {
  /** A sub-select about the account `sessions.account_id`. */
  readonly select: (database: Database) => TextQuery;
  /** @param ofAccount what the sub-select gives; null where the session was read without it */
  readonly join: (ofProvider: readonly string[], ofAccount: string | null) => readonly string[];
};

/** Prepares the look-up of the hot path: a session by its id, with its user. */
export function sessionLookUp(database: Database, accountRoles: AccountRoles | null) {
  const { queries, lookUp } = database;
  const placeholder = new Uint8Array();
  return lookUp(
    queries
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
      .select(['sessions.token_hash', 'sessions.token_issued_at', 'sessions.method'])
      .select(['sessions.is_remembered', 'sessions.proven_at', 'sessions.proven_by', 'sessions.created_at'])
      .select(['sessions.last_seen_at', 'sessions.expires_at', 'sessions.stolen_at', 'sessions.account_id'])
      .select(['sessions.second_factor', 'sessions.second_factor_at', 'sessions.roles'])
      .select(['accounts.username', 'accounts.email', 'accounts.email_verified_at', 'accounts.disabled_at'])
      .select('accounts.delete_at')
      .select('accounts.created_at as account_created_at')
      .select(accountRoles === null ? [] : [accountRoles.select(database).as('roles_of_account')])
      .where('sessions.id', '=', placeholder)
      .compile(),
  );
}

/** Prepares the look-up of what a session remembers of the token that it replaced last. */
export function replacedLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  return lookUp(
    queries
      .selectFrom('sessions')
      .select(['token_hash', 'token_issued_at', 'last_seen_at', 'is_remembered', 'expires_at'])
      .select(['previous_token_hash', 'previous_issued_at', 'previous_until', 'successor_salt'])
      .where('id', '=', placeholder)
      .compile(),
  );
}

/** Prepares the count of an account's sessions, and of those that were found stolen. */
export function countLookUp({ queries, lookUp }: Database) {
  const placeholder = new Uint8Array();
  return lookUp(
    queries
      .selectFrom('sessions')
      .select(({ fn }) => [fn.countAll<number>().as('all'), fn.count<number>('stolen_at').as('stolen')])
      .where('account_id', '=', placeholder)
      .compile(),
  );
}

export type NewSession = {
  readonly id: Uint8Array;
  readonly tokenHash: Uint8Array;
  readonly accountId: AccountId;
  readonly method: string;
  readonly isRemembered: boolean;
  readonly device: Device;
  readonly proof: Proof | null;
  readonly secondFactor: ProvenFactor | null;
  readonly now: number;
  readonly expiresAt: number;
};

// One statement decides: an account disabled between the password and this moment gets no session (A12), nor does one
// that is to be deleted.
export async function insertForEnabledAccount(queries: Queries, row: NewSession): Promise<boolean> {
  const values = {
    id: row.id,
    token_hash: row.tokenHash,
    token_issued_at: row.now,
    account_id: idToBytes(row.accountId),
    method: row.method,
    is_remembered: row.isRemembered ? 1 : 0,
    proven_at: row.proof?.at ?? null,
    proven_by: row.proof?.by ?? null,
    second_factor: row.secondFactor?.kind ?? null,
    second_factor_at: row.secondFactor?.at ?? null,
    created_at: row.now,
    last_seen_at: row.now,
    expires_at: row.expiresAt,
    user_agent: row.device.userAgent,
    address: row.device.address,
  };
  const columns = Object.keys(values) as (keyof typeof values)[];
  const result = await queries
    .insertInto('sessions')
    .columns(columns)
    .expression((build) =>
      build
        .selectFrom('accounts')
        .select(({ val }) => columns.map((column) => val(values[column]).as(column)))
        .where('accounts.id', '=', values.account_id)
        .where('accounts.disabled_at', 'is', null)
        .where('accounts.delete_at', 'is', null),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export type Rotation = {
  readonly id: Uint8Array;
  /** The hash of the token that was shown; it must still be the current one. */
  readonly shown: Uint8Array;
  readonly successor: Uint8Array;
  readonly salt: Uint8Array;
  /** When the successor is issued, and until when the one that was shown still works. */
  readonly now: number;
  readonly until: number;
  /** Null leaves the one there is. */
  readonly address: string | null;
};

// Of all requests that show one token at once, on however many nodes, this condition lets one through; and none as
// long as the token replaced before still works, for only one is remembered (A60).
export async function rotateToken(queries: Queries, rotation: Rotation): Promise<boolean> {
  const result = await queries
    .updateTable('sessions')
    .set(({ ref }) => ({
      // In this order: MySQL takes each column as those before it have left the row.
      previous_token_hash: ref('token_hash'),
      previous_issued_at: ref('token_issued_at'),
      previous_until: rotation.until,
      successor_salt: rotation.salt,
      token_hash: rotation.successor,
      token_issued_at: rotation.now,
      // Before it was issued, so that the successor counts as unseen until it is used.
      last_seen_at: rotation.now - 1,
      ...(rotation.address !== null && { address: rotation.address }),
    }))
    .where('id', '=', rotation.id)
    .where('token_hash', '=', rotation.shown)
    .where('stolen_at', 'is', null)
    .where(({ or, eb }) => or([eb('previous_until', 'is', null), eb('previous_until', '<=', rotation.now)]))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

type Reissue = Omit<Rotation, 'shown' | 'salt'>;

// The successor as it is, from now on: as long as it was not used, which the condition decides.
export async function reissueToken(queries: Queries, reissue: Reissue): Promise<void> {
  await queries
    .updateTable('sessions')
    .set({
      token_issued_at: reissue.now,
      previous_until: reissue.until,
      last_seen_at: reissue.now - 1,
      ...(reissue.address !== null && { address: reissue.address }),
    })
    .where('id', '=', reissue.id)
    .where('token_hash', '=', reissue.successor)
    .where('token_issued_at', '<', reissue.now)
    .whereRef('last_seen_at', '<', 'token_issued_at')
    .where('stolen_at', 'is', null)
    .execute();
}

export type Replacement = {
  readonly id: Uint8Array;
  readonly tokenHash: Uint8Array;
  readonly now: number;
  /** By what the user has authenticated again; null where they have not. */
  readonly provenBy: ProofKind | null;
  /** The second factor that they have proven; null for none any longer, undefined where it stays what it is. */
  readonly factor?: string | null | undefined;
  /** The proof that the session must have until now; undefined where that does not matter. */
  readonly follows?: Proof | null | undefined;
};

/** Replaces the current token, which is invalid at once, because the session has gained privileges. */
export async function replaceToken(queries: Queries, replacement: Replacement): Promise<boolean> {
  const { id, tokenHash, now, provenBy, factor, follows } = replacement;
  const update = queries
    .updateTable('sessions')
    .set(({ ref }) => ({
      previous_token_hash: ref('token_hash'),
      previous_issued_at: ref('token_issued_at'),
      previous_until: null,
      successor_salt: null,
      token_hash: tokenHash,
      token_issued_at: now,
      // Before it was issued, so that it counts as unused until it is shown.
      last_seen_at: now - 1,
      ...(provenBy !== null && { proven_at: now, proven_by: provenBy }),
      ...(factor !== undefined && { second_factor: factor, second_factor_at: factor === null ? null : now }),
    }))
    .where('id', '=', id)
    .where('stolen_at', 'is', null);
  const bound =
    follows === null
      ? update.where('proven_at', 'is', null)
      : update.where('proven_at', '=', follows?.at ?? 0);
  const result = await (follows === undefined ? update : bound).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Locks the row of a live session until the transaction ends. */
export const holdSession = (transaction: Queries, id: Uint8Array): Promise<boolean> =>
  lockRow(transaction, { table: 'sessions', key: 'id', id, number: 'created_at', isNull: 'stolen_at' });

export async function setRoles(queries: Queries, id: Uint8Array, roles: readonly string[]): Promise<void> {
  await queries
    .updateTable('sessions')
    .set({ roles: roles.length === 0 ? null : roles.join(' ') })
    .where('id', '=', id)
    .execute();
}

type Sighting = {
  readonly id: Uint8Array;
  readonly shown: Uint8Array;
  readonly seenAt: number;
  readonly address: string | null;
};

// An UPDATE and never an upsert: a request that outlives a sign-out must not bring its session back (A10).
// It only moves forward, so a clock that steps back extends nothing (A59).
export async function noteSeen(queries: Queries, { id, shown, seenAt, address }: Sighting): Promise<void> {
  await queries
    .updateTable('sessions')
    .set({ last_seen_at: seenAt, ...(address !== null && { address }) })
    .where('id', '=', id)
    .where('token_hash', '=', shown)
    .where('last_seen_at', '<', seenAt)
    .execute();
}

/** Ends a session as stolen; of concurrent calls, one returns true. */
export async function markStolen(queries: Queries, id: Uint8Array, now: number): Promise<boolean> {
  const result = await queries
    .updateTable('sessions')
    .set({ stolen_at: now })
    .where('id', '=', id)
    .where('stolen_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Deletes the stolen sessions of an account; of concurrent calls, one returns true. */
export async function deleteStolen(queries: Queries, accountId: AccountId): Promise<boolean> {
  const result = await queries
    .deleteFrom('sessions')
    .where('account_id', '=', idToBytes(accountId))
    .where('stolen_at', 'is not', null)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function deleteSession(
  queries: Queries,
  id: Uint8Array,
  accountId: AccountId,
): Promise<boolean> {
  const result = await queries
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('account_id', '=', idToBytes(accountId))
    .where('stolen_at', 'is', null)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Deletes a session that was found expired, unless it has been used meanwhile, as by a node whose clock is behind. */
export async function deleteUnlessUsed(
  queries: Queries,
  id: Uint8Array,
  found: { readonly last_seen_at: number; readonly token_issued_at: number },
): Promise<void> {
  await queries
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('last_seen_at', '=', found.last_seen_at)
    .where('token_issued_at', '=', found.token_issued_at)
    .where('stolen_at', 'is', null)
    .execute();
}

/** Deletes an account's sessions but one, or all of them; says how many they were. */
export async function deleteSessionsOf(
  queries: Queries,
  accountId: AccountId,
  kept: Uint8Array | null,
): Promise<number> {
  const all = queries
    .deleteFrom('sessions')
    .where('account_id', '=', idToBytes(accountId))
    .where('stolen_at', 'is', null);
  const result = await (kept === null ? all : all.where('id', '!=', kept)).executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** The sessions of an account, the one used last first. */
export function sessionsOf(queries: Queries, accountId: AccountId) {
  return selectSessionsOf(queries, accountId)
    .where('stolen_at', 'is', null)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** All sessions of an account, also expired ones, for the export. */
export function everySessionOf(queries: Queries, accountId: AccountId) {
  return selectSessionsOf(queries, accountId).orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
}

/** The sessions of an account without hashes. */
function selectSessionsOf(queries: Queries, accountId: AccountId) {
  return queries
    .selectFrom('sessions')
    .select(['id', 'method', 'is_remembered', 'created_at', 'last_seen_at', 'proven_at', 'proven_by'])
    .select(['token_issued_at', 'second_factor', 'second_factor_at'])
    .select([
      'previous_issued_at',
      'previous_until',
      'expires_at',
      'stolen_at',
      'user_agent',
      'address',
      'roles',
    ])
    .where('account_id', '=', idToBytes(accountId));
}
