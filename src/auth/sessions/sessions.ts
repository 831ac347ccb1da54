import type { Secrets } from '../../platform/crypto/index.ts';
import { transact } from '../../platform/sql/index.ts';
import { idToBytes } from '../../platform/text/index.ts';
import { type AccountId, type SessionId, sessionIds } from '../identifiers/ids.ts';
import type { Database, Queries } from '../schema.ts';
import { createCheck, type ReportTheft } from './check.ts';
import { isExpired, lastUse } from './expiry.ts';
import { sessionFrom } from './rows.ts';
import type { Device, Proof, ProofKind, ProvenFactor, Session, SessionLimits, SignedIn } from './session.ts';
import { type BoundColumns, createSessionTokens, type SessionTokens } from './session-token.ts';
import * as store from './store.ts';

export type SessionRequest = {
  readonly accountId: AccountId;
  readonly method: string;
  readonly isRemembered: boolean;
  readonly device: Device;
  /** How the user has authenticated; null where nothing shows that they have, actively. */
  readonly proof: Proof | null;
  readonly secondFactor: ProvenFactor | null;
  /** Who is signed in on that browser until now; that session ends. */
  readonly replaced: SignedIn | null;
};

/** A session just begun: the token goes into the cookie and is kept nowhere else. */
export type BegunSession = {
  readonly token: string;
  readonly sessionId: SessionId;
  readonly isRemembered: boolean;
  readonly expiresAt: number;
  /** Whether an earlier session of the account was ended as stolen, and its owner was not notified on a page yet. */
  readonly isAfterTheft: boolean;
  readonly hasEndedReplaced: boolean;
  /** The sessions that it has ended because the account had too many. */
  readonly surplus: readonly SessionId[];
};

/** A session as its owner sees it. */
export type ListedSession<Role extends string = string> = Session<Role> & { readonly device: Device };

/** Sessions. Only the store beside this writes their rows; the gate (sign-in.ts) alone begins one. */
export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(
  database: Database,
  secrets: Secrets,
  limits: SessionLimits,
  reportTheft: ReportTheft,
  accountRoles: store.AccountRoles | null = null,
) {
  const { queries } = database;
  const tokens = createSessionTokens(secrets);
  const count = store.countLookUp(database);
  return {
    /** Who is signed in with a token. */
    check: createCheck({ database, tokens, limits, reportTheft, accountRoles }),

    /**
     * Begins a session for an account that is enabled at this very moment, and ends the one it replaces, both or neither.
     * @returns null when the account is disabled or deleted
     * @see NIST SP 800-63B-4 §5.1: the secret is made here, after authentication
     */
    begin: async (request: SessionRequest, now: number): Promise<BegunSession | null> => {
      const { accountId } = request;
      const begun = await begin(database, tokens, limits, request, now);
      if (begun === null) return null;
      const { all, stolen } = (await count(idToBytes(accountId))) ?? { all: 0, stolen: 0 };
      const surplus = await endSurplus(queries, accountId, all, limits.perAccount);
      return {
        ...begun,
        surplus,
        isAfterTheft: stolen > 0 && (await store.deleteStolen(queries, accountId)),
      };
    },

    /**
     * The session gets another token, and the one it had dies at once. In a transaction it is held until that ends, as by
     * `lockSession`.
     * @param signedIn the session and whose it is
     * @param proof by what the user has authenticated again, null where they have not, with which second factor, and the
     *   proof that this one follows; without that it counts whatever was proven meanwhile
     * @param on perhaps a transaction that it is part of
     * @returns the token, or null when the session has ended meanwhile, or something else was proven in it
     */
    renew: async (
      { user, session }: Renewable,
      now: number,
      { by, ...given }: Pick<store.Replacement, 'factor' | 'follows'> & { readonly by: ProofKind | null },
      on: Queries = queries,
    ): Promise<string | null> => {
      const id = idToBytes(session.id);
      const token = tokens.make(id);
      const tokenHash = tokens.hash(token, boundColumns(user.id, session));
      const replacement = { id, tokenHash, now, provenBy: by, ...given };
      return (await store.replaceToken(on, replacement)) ? token : null;
    },

    /** The sessions of an account that still live, the one used last first. */
    list: async (accountId: AccountId, now: number): Promise<readonly ListedSession[]> => {
      const rows = await store.sessionsOf(queries, accountId);
      const live = rows.filter((row) => !isExpired(row, limits, now));
      return live.toSorted(byUse).map(({ id, user_agent: userAgent, address, ...row }) => {
        return { ...sessionFrom(id, row, accountRoles), device: { userAgent, address } };
      });
    },

    setRoles: (transaction: Queries, sessionId: SessionId, roles: readonly string[]): Promise<void> =>
      store.setRoles(transaction, idToBytes(sessionId), roles),

    /**
     * Keeps a session alive until the transaction ends, so that what is done in it is done before whatever ends it.
     * @returns false where it has ended
     */
    lockSession: (transaction: Queries, sessionId: SessionId): Promise<boolean> =>
      store.holdSession(transaction, idToBytes(sessionId)),

    ...endings(queries),
  };
}

type Renewable = {
  readonly user: { readonly id: AccountId };
  readonly session: { readonly id: SessionId } & Lifetime;
};
type Lifetime = Pick<Session, 'createdAt' | 'expiresAt'>;

function boundColumns(accountId: AccountId, { createdAt, expiresAt }: Lifetime): BoundColumns {
  return { account_id: idToBytes(accountId), created_at: createdAt, expires_at: expiresAt };
}

function endings(queries: Queries) {
  return {
    /** Ends one session of an account in the database; returns whether there was one. */
    end: (accountId: AccountId, sessionId: SessionId): Promise<boolean> =>
      store.deleteSession(queries, idToBytes(sessionId), accountId),

    /** Ends all sessions of an account but one; returns how many. */
    endOthers: (accountId: AccountId, keptSessionId: SessionId): Promise<number> =>
      store.deleteSessionsOf(queries, accountId, idToBytes(keptSessionId)),
  };
}

async function begin(
  database: Database,
  tokens: SessionTokens,
  limits: SessionLimits,
  request: SessionRequest,
  now: number,
) {
  const { isRemembered, replaced } = request;
  const sessionId = sessionIds.create(now);
  const id = idToBytes(sessionId);
  const token = tokens.make(id);
  const expiresAt = now + (isRemembered ? limits.remembered : limits).lifetime;
  const tokenHash = tokens.hash(token, boundColumns(request.accountId, { createdAt: now, expiresAt }));
  const row = { ...request, id, tokenHash, now, expiresAt };
  const hasEndedReplaced = await insertReplacing(database, row, replaced);
  return hasEndedReplaced === null ? null : { token, sessionId, isRemembered, expiresAt, hasEndedReplaced };
}

/** @returns whether the replaced session has ended by it; null where the new one has not begun, and nothing has changed */
async function insertReplacing(
  database: Database,
  row: store.NewSession,
  replaced: SignedIn | null,
): Promise<boolean | null> {
  // The account may be deleted between being found and being referred to.
  const { isRowRefusal } = database;
  if (replaced === null) {
    const work = store.insertForEnabledAccount(database.queries, row);
    const isBegun = await work.catch((error) => (isRowRefusal(error) ? false : Promise.reject(error)));
    return isBegun ? false : null;
  }
  const begun = await transact(
    database,
    async (transaction) => {
      const { session, user } = replaced;
      const hasEnded = await store.deleteSession(transaction, idToBytes(session.id), user.id);
      return { ok: await store.insertForEnabledAccount(transaction, row), hasEnded };
    },
    isRowRefusal,
  );
  return 'hasEnded' in begun && begun.ok ? begun.hasEnded : null;
}

/** Ends the sessions of an account that were idle longest, beyond what it may have; returns those that this call ended. */
async function endSurplus(
  queries: Queries,
  accountId: AccountId,
  count: number,
  most: number,
): Promise<readonly SessionId[]> {
  if (count <= most) return [];
  const live = await store.sessionsOf(queries, accountId);
  const ended: SessionId[] = [];
  for (const { id } of live.toSorted(byUse).slice(most))
    if (await store.deleteSession(queries, id, accountId)) ended.push(sessionIds.fromBytes(id));
  return ended;
}

type Used = { readonly last_seen_at: number; readonly token_issued_at: number };

function byUse(one: Used, other: Used): number {
  return lastUse(other) - lastUse(one);
}
