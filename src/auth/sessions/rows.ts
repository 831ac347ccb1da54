import { accountIds, sessionIds } from '../identifiers/ids.ts';
import { lastUse } from './expiry.ts';
import { proofFrom, REMEMBERED, type Session, type SignedIn, type User } from './session.ts';
import type { AccountRoles, sessionLookUp } from './store.ts';

/** A session with its user, as the database gives it. */
export type SessionRow = NonNullable<Awaited<ReturnType<ReturnType<typeof sessionLookUp>>>>;

/** The columns of an account that its user is read from. */
type UserRow = Pick<
  SessionRow,
  'account_id' | 'username' | 'email' | 'email_verified_at' | 'account_created_at'
>;

export function userFrom(row: UserRow): User {
  return {
    id: accountIds.fromBytes(row.account_id),
    username: row.username,
    email: row.email,
    emailVerified: row.email_verified_at !== null,
    createdAt: row.account_created_at,
  };
}

export function signedInFrom(id: Uint8Array, row: SessionRow, accountRoles: AccountRoles | null): SignedIn {
  return { user: userFrom(row), session: sessionFrom(id, row, accountRoles) };
}

type OfAccount = keyof UserRow | 'disabled_at' | 'delete_at' | 'roles_of_account';
type Lived = Omit<SessionRow, OfAccount | 'token_hash' | 'stolen_at'>;
type WithRoles = Lived & Partial<Pick<SessionRow, 'roles_of_account'>>;

export function sessionFrom(id: Uint8Array, row: WithRoles, accountRoles: AccountRoles | null): Session {
  const { second_factor: kind, second_factor_at: at } = row;
  const isFactorRemembered = kind === REMEMBERED;
  const ofProvider = row.roles === null ? [] : row.roles.split(' ');
  return {
    id: sessionIds.fromBytes(id),
    method: row.method,
    isRemembered: row.is_remembered === 1,
    createdAt: row.created_at,
    lastSeenAt: lastUse(row),
    proof: proofFrom(row.proven_by, row.proven_at),
    secondFactor: kind === null || at === null || isFactorRemembered ? null : { kind, at },
    isFactorRemembered,
    expiresAt: row.expires_at,
    roles: accountRoles?.join(ofProvider, row.roles_of_account ?? null) ?? ofProvider,
  };
}
