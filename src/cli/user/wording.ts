import type { Account } from '../../core/accounts.ts';
import { isoTime } from '../../core/personal-data.ts';

/** An account as scripts read it. */
export function accountForScripts({ id, username, email, ...times }: Account) {
  return {
    id,
    username,
    email,
    emailVerifiedAt: isoTime(times.emailVerifiedAt),
    createdAt: isoTime(times.createdAt),
    disabledAt: isoTime(times.disabledAt),
    deleteAt: isoTime(times.deleteAt),
  };
}

/** Whether an account may be used, in words. */
export function statusOf({ disabledAt, deleteAt }: Account): string {
  const parts = [
    disabledAt === null ? null : `disabled since ${isoTime(disabledAt)}`,
    deleteAt === null ? null : `to be deleted at ${isoTime(deleteAt)}`,
  ];
  return parts.filter((part) => part !== null).join(', ') || 'enabled';
}
