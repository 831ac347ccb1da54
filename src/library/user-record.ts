import type { Account } from '../auth/accounts/accounts.ts';
import type { User } from '../auth/sessions/session.ts';

/** `leaving` accounts are deleted at a time that is set, unless their owner signs in or confirms the address before. */
export const USER_STATES = ['active', 'disabled', 'leaving'] as const;
export type UserState = (typeof USER_STATES)[number];

/** A user as the application and the command line see it. */
export type UserRecord<Role extends string = string> = Omit<User, 'id'> & {
  readonly id: string;
  readonly state: UserState;
  /** The roles that the application has given the user. */
  readonly roles: readonly Role[];
};

export function stateOf({ disabledAt, deleteAt }: Pick<Account, 'disabledAt' | 'deleteAt'>): UserState {
  if (disabledAt !== null) return 'disabled';
  return deleteAt === null ? 'active' : 'leaving';
}

export function userRecordFrom(account: Account, roles: readonly string[] = []): UserRecord {
  const { id, username, email, emailVerifiedAt, createdAt } = account;
  const emailVerified = emailVerifiedAt !== null;
  return { id, username, email, emailVerified, createdAt, state: stateOf(account), roles };
}
