import { accountIds, sessionIds } from '../identifiers/ids.ts';
import { lastUse } from './expiry.ts';
import { proofFrom, type Session, type SignedIn } from './session.ts';
import type { AccountRoles, sessionLookUp } from './store.ts';

/** A session with its user, as the database gives it. */
export type SessionRow = NonNullable<Awaited<ReturnType<ReturnType<typeof sessionLookUp>>>>;

export function signedInFrom(id: Uint8Array, row: SessionRow, accountRoles: AccountRoles | null): SignedIn {
  return {
    user: {
      id: accountIds.fromBytes(row.account_id),
      username: row.username,
      email: row.email,
      emailVerified: row.email_verified_at !== null,
      createdAt: row.account_created_at,
    },
    session: sessionFrom(id, row, accountRoles),
  };
}

type Lived = Pick<
  SessionRow,
  | 'method'
  | 'is_remembered'
  | 'created_at'
  | 'last_seen_at'
  | 'token_issued_at'
  | 'proven_at'
  | 'proven_by'
  | 'second_factor'
  | 'second_factor_at'
  | 'expires_at'
  | 'roles'
>;
type WithRoles = Lived & Partial<Pick<SessionRow, 'roles_of_account'>>;

export function sessionFrom(id: Uint8Array, row: WithRoles, accountRoles: AccountRoles | null): Session {
  const { second_factor: kind, second_factor_at: at } = row;
  const ofProvider = row.roles === null ? [] : row.roles.split(' ');
  return {
    id: sessionIds.fromBytes(id),
    method: row.method,
    isRemembered: row.is_remembered === 1,
    createdAt: row.created_at,
    lastSeenAt: lastUse(row),
    proof: proofFrom(row.proven_by, row.proven_at),
    secondFactor: kind === null || at === null ? null : { kind, at },
    expiresAt: row.expires_at,
    roles: accountRoles?.join(ofProvider, row.roles_of_account ?? null) ?? ofProvider,
  };
}
