import type { Account } from '../../auth/accounts/accounts.ts';
import { isoTime } from '../../auth/personal-data.ts';

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

/**
 * JSON that cannot talk to a terminal. JSON itself leaves the second set of control characters as it is, with CSI
 * (U+009B) among them.
 */
export function jsonForTerminal(value: unknown): string {
  return textForTerminal(JSON.stringify(value));
}

/** Text that cannot talk to a terminal: whatever such a device obeys or hides is spelled as an escape (A56). */
export function textForTerminal(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Whether an account may be used, in words. */
export function statusOf({ disabledAt, deleteAt }: Account): string {
  const parts = [
    disabledAt === null ? null : `disabled since ${isoTime(disabledAt)}`,
    deleteAt === null ? null : `to be deleted at ${isoTime(deleteAt)}`,
  ];
  return parts.filter((part) => part !== null).join(', ') || 'enabled';
}
