import { isAddress } from '../auth/identifiers/account-name.ts';
import { emailKey, usernamePrefix } from '../platform/text/index.ts';

/** What the keys begin with that a search finds. */
export type Prefixes = {
  /** Null where no username can begin like this. */
  readonly username: string | null;
  readonly email: string;
};

/** Longer than any key. */
const LONGEST_SEARCH = 512;

/** The range of keys that begin with a prefix, compared byte by byte. No character sorts after this end. */
export function rangeOf(prefix: string): { readonly from: string; readonly below: string } {
  return { from: prefix, below: `${prefix}\u{10ffff}` };
}

/**
 * Folds what was typed as the keys of usernames and addresses are folded.
 * @returns null where there is nothing to search for; `impossible` for what no key begins with
 */
export function prefixesOf(typed: string): Prefixes | 'impossible' | null {
  const text = typed.trim();
  if (text === '') return null;
  if (text.length > LONGEST_SEARCH || !text.isWellFormed() || /\p{Cc}/u.test(text)) return 'impossible';
  const username = isAddress(text) ? null : usernamePrefix(text);
  return { username, email: emailKey(text) ?? text.toLowerCase() };
}
