import { emailKey } from '../../platform/text/index.ts';
import { usernameKey } from './username.ts';

/** The key under which an account would be found by what somebody typed: a username, or an email address. */
export type AccountNameKey = { readonly kind: 'email' | 'username'; readonly key: string };

/** @returns null for what can be nobody's */
export function accountNameKey(typed: string): AccountNameKey | null {
  const kind = typed.includes('@') || typed.includes('＠') ? 'email' : 'username';
  const key = kind === 'email' ? emailKey(typed) : usernameKey(typed);
  return key === null ? null : { kind, key };
}
