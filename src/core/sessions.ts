import { MINUTE } from './clock.ts';
import { atMost } from './database/at-most.ts';
import type { Database } from './database/database.ts';
import { bytesToId, idToBytes, newId } from './identifiers/uuid.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { hashToken, isToken, newToken } from './tokens.ts';

export type User = {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** When the account was made, in milliseconds of UTC. */
  readonly createdAt: number;
};

export type Session = {
  readonly id: string;
  /** How the person signed in, such as `password`. */
  readonly method: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** When the session ends however busy it is, in milliseconds of UTC. */
  readonly expiresAt: number;
};

export type SignedIn = { readonly user: User; readonly session: Session };

export type SessionLimits = { readonly idle: number; readonly lifetime: number };

/** A session just begun: the token goes into the cookie and is kept nowhere else. */
export type BegunSession = { readonly token: string; readonly sessionId: string };

/** Sessions. Only this module writes their rows; the gate (sign-in.ts) alone begins one. */
export type Sessions = ReturnType<typeof createSessions>;

/** “Last seen” is written at most this often, so that reading a page seldom costs a write. */
const SEEN_INTERVAL = MINUTE;

/** And at least this often within the idle limit, so that a session in use never ends for want of use. */
const SEEN_PER_IDLE = 10;

/**
 * @param limits both in milliseconds: `idle` without a request, `lifetime` since sign-in
 */
export function createSessions(database: Database, limits: SessionLimits) {
  const lookUp = database.lookUp(sessionWithUser(database));
  const seenInterval = Math.min(SEEN_INTERVAL, limits.idle / SEEN_PER_IDLE);
  const judge = (row: Row | undefined, now: number): MaybePromise<SignedIn | null> => {
    if (row === undefined || row.disabled_at !== null) return null;
    if (now >= row.expires_at || now >= row.last_seen_at + limits.idle) return null;
    const signedIn = signedInFrom(row);
    if (now < row.last_seen_at + seenInterval) return signedIn;
    return markSeen(database, row.id, now).then(
      () => signedIn,
      // Not being noted lengthens nothing, so a database that cannot be written to signs nobody out.
      (error) => (database.isUnavailable(error) ? signedIn : Promise.reject(error)),
    );
  };
  return {
    /**
     * Begins a session for an account that is enabled at this very moment, and ends the one it replaces.
     * @returns null when the account is disabled or gone
     * @see NIST SP 800-63B-4 §5.1: the secret is made here, after authentication
     */
    begin: async (
      accountId: string,
      method: string,
      now: number,
      replacedToken: string | null,
    ): Promise<BegunSession | null> => {
      const token = newToken();
      const sessionId = newId(now);
      const row = { sessionId, token, accountId, method, now, expiresAt: now + limits.lifetime };
      const isBegun =
        replacedToken === null
          ? await insertForEnabledAccount(database.queries, row)
          : await database.transaction(async (transaction) => {
              await deleteByToken(transaction, replacedToken);
              return insertForEnabledAccount(transaction, row);
            });
      return isBegun ? { token, sessionId } : null;
    },

    /**
     * Who is signed in with this token, or null. One kept statement brings session and user; where the
     * database is in this process the answer comes at once, without a promise.
     */
    check: (token: string, now: number): MaybePromise<SignedIn | null> => {
      if (!isToken(token)) return null;
      const found = lookUp(hashToken(token));
      return found instanceof Promise ? found.then((row) => judge(row, now)) : judge(found, now);
    },

    /**
     * Deletes sessions that nobody can use any more, the oldest first.
     * @param most at most so many, so that no lock is held for long
     * @returns how many they were
     */
    deleteExpired: (now: number, most: number): Promise<number> => deleteExpired(database, now, most),

    /** Ends the session of a token in the database; returns whether there was one. */
    end: async (token: string): Promise<boolean> => {
      if (!isToken(token)) return false;
      return deleteByToken(database.queries, token);
    },
  };
}

type Row = {
  id: Uint8Array;
  method: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  account_id: Uint8Array;
  username: string;
  email: string | null;
  email_verified_at: number | null;
  account_created_at: number;
  disabled_at: number | null;
};

function sessionWithUser({ queries }: Database) {
  const placeholder = new Uint8Array();
  return queries
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select(['sessions.id', 'sessions.method', 'sessions.created_at', 'sessions.last_seen_at'])
    .select(['sessions.expires_at', 'sessions.account_id', 'accounts.username', 'accounts.email'])
    .select(['accounts.email_verified_at', 'accounts.disabled_at'])
    .select('accounts.created_at as account_created_at')
    .where('sessions.token_hash', '=', placeholder)
    .compile();
}

function signedInFrom(row: Row): SignedIn {
  return {
    user: {
      id: bytesToId(row.account_id),
      username: row.username,
      email: row.email,
      emailVerified: row.email_verified_at !== null,
      createdAt: row.account_created_at,
    },
    session: {
      id: bytesToId(row.id),
      method: row.method,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
    },
  };
}

type Queries = Database['queries'];
type NewRow = {
  readonly sessionId: string;
  readonly token: string;
  readonly accountId: string;
  readonly method: string;
  readonly now: number;
  readonly expiresAt: number;
};

// One statement decides: an account disabled between the password and this moment gets no session (A12).
async function insertForEnabledAccount(queries: Queries, row: NewRow): Promise<boolean> {
  const result = await queries
    .insertInto('sessions')
    .columns(['id', 'token_hash', 'account_id', 'method', 'created_at', 'last_seen_at', 'expires_at'])
    .expression((build) =>
      build
        .selectFrom('accounts')
        .select((select) => [
          select.val(idToBytes(row.sessionId)).as('id'),
          select.val<Uint8Array>(hashToken(row.token)).as('token_hash'),
          'accounts.id as account_id',
          select.val(row.method).as('method'),
          select.val(row.now).as('created_at'),
          select.val(row.now).as('last_seen_at'),
          select.val(row.expiresAt).as('expires_at'),
        ])
        .where('accounts.id', '=', idToBytes(row.accountId))
        .where('accounts.disabled_at', 'is', null),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

async function deleteByToken(queries: Queries, token: string): Promise<boolean> {
  const result = await queries
    .deleteFrom('sessions')
    .where('token_hash', '=', hashToken(token))
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

// An UPDATE and never an upsert: a request that outlives a sign-out must not bring its session back (A10).
// It only moves forward, so a clock that steps back extends nothing (A59).
async function markSeen({ queries }: Database, id: Uint8Array, now: number): Promise<void> {
  await queries
    .updateTable('sessions')
    .set({ last_seen_at: now })
    .where('id', '=', id)
    .where('last_seen_at', '<', now)
    .execute();
}

function deleteExpired(database: Database, now: number, most: number): Promise<number> {
  return database.transaction(async (transaction) => {
    const expired = await transaction
      .selectFrom('sessions')
      .select('id')
      .where('expires_at', '<=', now)
      .orderBy('expires_at')
      .limit(atMost(most))
      .execute();
    if (expired.length === 0) return 0;
    const ids = expired.map(({ id }) => id);
    await transaction.deleteFrom('sessions').where('id', 'in', ids).execute();
    return ids.length;
  });
}
