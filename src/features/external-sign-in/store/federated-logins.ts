import { type AccountId, accountIds, type SessionId, sessionIds } from '../../../auth/identifiers/ids.ts';
import type { AuthTables } from '../../../auth/schema.ts';
import type * as sql from '../../../platform/sql/index.ts';
import type { ExpiringTable } from '../../../platform/sql/index.ts';
import { idToBytes } from '../../../platform/text/index.ts';
import { type FederatedLoginId, federatedLoginIds } from '../federated-login-id.ts';

export type FederatedLoginTables = {
  external_sign_ins: {
    id: Uint8Array;
    provider: string;
    issuer: string;
    subject: string;
    /** The hash of the session id at the provider (`sid`), which a logout token names. */
    sid_hash: Uint8Array | null;
    /** When the provider authenticated the user; null if unknown. */
    authenticated_at: number | null;
    /** The roles of the session, separated by spaces. */
    roles: string | null;
    /** Sealed: ID token and tokens, if a setting asks to retain them. */
    kept: Uint8Array | null;
    /** The account and the session that began with the login; null until then. */
    account_id: Uint8Array | null;
    session_id: Uint8Array | null;
    created_at: number;
    expires_at: number;
  };
};

export const expiringFederatedLogins: ExpiringTable<FederatedLoginTables> = {
  table: 'external_sign_ins',
  key: 'id',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & FederatedLoginTables>;

/** What a provider has asserted about a user. */
type FederatedLogin = {
  readonly issuer: string;
  readonly subject: string;
  /** When the provider authenticated the user, in milliseconds of UTC; null if that is unknown. */
  readonly authenticatedAt: number | null;
  readonly roles: readonly string[];
  readonly kept: Uint8Array | null;
};

type NewFederatedLogin = FederatedLogin & {
  readonly id: FederatedLoginId;
  readonly provider: string;
  readonly sidHash: Uint8Array | null;
  readonly now: number;
  readonly expiresAt: number;
};

export async function insertFederatedLogin(queries: Queries, row: NewFederatedLogin): Promise<void> {
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

export async function findFederatedLogin(
  queries: Queries,
  id: FederatedLoginId,
): Promise<FederatedLogin | null> {
  const row = await queries
    .selectFrom('external_sign_ins')
    .select(['issuer', 'subject', 'authenticated_at', 'roles', 'kept'])
    .where('id', '=', idToBytes(id))
    .executeTakeFirst();
  if (row === undefined) return null;
  const { authenticated_at: authenticatedAt, roles, ...rest } = row;
  return { ...rest, authenticatedAt, roles: roles?.split(' ') ?? [] };
}

type SessionBinding = {
  readonly accountId: AccountId;
  readonly sessionId: SessionId;
  readonly kept: Uint8Array | null;
  readonly expiresAt: number;
};

/** Binds a login to its session, once. @returns false if the login was deleted or has a session */
export async function bindFederatedLogin(
  transaction: Queries,
  id: FederatedLoginId,
  binding: SessionBinding,
): Promise<boolean> {
  const result = await transaction
    .updateTable('external_sign_ins')
    .set({
      account_id: idToBytes(binding.accountId),
      session_id: idToBytes(binding.sessionId),
      kept: binding.kept,
      expires_at: binding.expiresAt,
    })
    .where('id', '=', idToBytes(id))
    .where('session_id', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The federated login with which a session began; null if it began in another way. */
export async function findLoginOfSession(queries: Queries, sessionId: SessionId) {
  const row = await queries
    .selectFrom('external_sign_ins')
    .select(['id', 'provider', 'kept'])
    .where('session_id', '=', idToBytes(sessionId))
    .executeTakeFirst();
  return row === undefined ? null : { ...row, id: federatedLoginIds.fromBytes(row.id) };
}

/** The user or the session of a logout token; at least one of `subject` and `sidHash` is given. */
type LogoutSubject = {
  readonly issuer: string;
  readonly subject: string | null;
  readonly sidHash: Uint8Array | null;
};

/** The ids of the federated logins that a logout token names. */
export async function findLoginsForLogoutToken(
  queries: Queries,
  { issuer, subject, sidHash }: LogoutSubject,
): Promise<readonly FederatedLoginId[]> {
  let found = queries.selectFrom('external_sign_ins').select('id').where('issuer', '=', issuer);
  if (subject !== null) found = found.where('subject', '=', subject);
  if (sidHash !== null) found = found.where('sid_hash', '=', sidHash);
  return (await found.execute()).map(({ id }) => federatedLoginIds.fromBytes(id));
}

/** Withdraws a login that has no session. @returns false if it has one, perhaps since this moment */
export async function deleteUnboundLogin(queries: Queries, id: FederatedLoginId): Promise<boolean> {
  const result = await queries
    .deleteFrom('external_sign_ins')
    .where('id', '=', idToBytes(id))
    .where('session_id', 'is', null)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** The session of a login and its account; null without one. */
export async function findSessionOfLogin(queries: Queries, id: FederatedLoginId) {
  const row = await queries
    .selectFrom('external_sign_ins')
    .select(['account_id', 'session_id'])
    .where('id', '=', idToBytes(id))
    .executeTakeFirst();
  if (row === undefined || row.account_id === null || row.session_id === null) return null;
  return { accountId: accountIds.fromBytes(row.account_id), sessionId: sessionIds.fromBytes(row.session_id) };
}

/** The federated logins of an account without secrets, for the export of personal data. */
export function listFederatedLogins(queries: Queries, accountId: AccountId) {
  return queries
    .selectFrom('external_sign_ins')
    .select(['id', 'provider', 'issuer', 'subject', 'authenticated_at', 'roles', 'session_id'])
    .select(['created_at', 'expires_at'])
    .where('account_id', '=', idToBytes(accountId))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}
