import { emailKey, usernameKey } from '../../platform/text/index.ts';
import type { AccountId } from './ids.ts';

/** The key under which an account would be found by what a user typed: a username, or an email address. */
export type AccountNameKey = { readonly kind: 'email' | 'username'; readonly key: string };

/** Whether a typed name is an email address: no username contains an at sign, of either width. */
export function isAddress(typed: string): boolean {
  return /[@\uFF20]/.test(typed);
}

/** @returns null for what no account can have */
export function accountNameKey(typed: string): AccountNameKey | null {
  const kind = isAddress(typed) ? 'email' : 'username';
  const key = kind === 'email' ? emailKey(typed) : usernameKey(typed);
  return key === null ? null : { kind, key };
}

/** The key under which attempts on an account, or on an unknown name, are counted. */
export function accountOrName(accountId: AccountId | null, name: string): string {
  return accountId === null ? `name ${canonicalName(name)}` : `account ${accountId}`;
}

// Spellings that one account would have are one unknown name, too (A05).
function canonicalName(name: string): string {
  const found = accountNameKey(name);
  return found === null ? name.trim().toLowerCase() : `${found.kind} ${found.key}`;
}
