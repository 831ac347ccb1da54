import { foldCase } from './case-folding.ts';
import { isOfOneDigitSystem, isOfOneDirection, isOfOneScript, isUsableInUsernames } from './code-points.ts';
import { foldLookalikes, hasMisleadingCapitals } from './lookalikes.ts';

/** The fewest and most code points of a username. */
const SHORTEST_USERNAME = 3;
const LONGEST_USERNAME = 64;

/** A username: as typed for people to see, and the key by which it is unique. */
export type Username = { readonly username: string; readonly key: string };

export type UsernameRefusal =
  | 'missing'
  | 'too-short'
  | 'too-long'
  | 'at-sign'
  | 'unusable-character'
  | 'mixed-scripts'
  | 'lookalike';

export type UsernameReading =
  | ({ readonly valid: true } & Username)
  | { readonly valid: false; readonly reason: UsernameRefusal };

/**
 * Reads a username as somebody typed it. White space around it is dropped, and inside it single spaces may
 * separate parts. It is brought to its canonical form first and judged by that.
 * @see RFC 8265 §3.3 (UsernameCaseMapped), UTS #39
 */
export function parseUsername(typed: string): UsernameReading {
  const username = typed.trim().normalize('NFC');
  const canonical = foldCase(username);
  const reason = refusal(username, canonical);
  if (reason !== null) return { valid: false, reason };
  const key = foldLookalikes(canonical);
  if (hasMisleadingCapitals(username, key)) return { valid: false, reason: 'lookalike' };
  return { valid: true, username, key };
}

/** The key under which a username would be found, or null for what can be nobody's. */
export function usernameKey(typed: string): string | null {
  const reading = parseUsername(typed);
  return reading.valid ? reading.key : null;
}

function refusal(username: string, canonical: string): UsernameRefusal | null {
  if (username === '') return 'missing';
  const length = Math.max(lengthOf(username), lengthOf(canonical));
  if (length > LONGEST_USERNAME) return 'too-long';
  // An at sign tells an email address from a username wherever either may be typed.
  if (canonical.includes('@')) return 'at-sign';
  if (!hasUsableCharacters(username, canonical)) return 'unusable-character';
  if (lengthOf(username) < SHORTEST_USERNAME) return 'too-short';
  if (!isOfOneScript(canonical) || !isOfOneDigitSystem(canonical)) return 'mixed-scripts';
  return null;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function hasUsableCharacters(username: string, canonical: string): boolean {
  // What NFKC would silently replace or drop is looked for in the text as typed, too.
  if (!username.isWellFormed() || /[\p{C}\p{DI}\p{Zl}\p{Zp}]/u.test(username)) return false;
  const parts = canonical.split(' ');
  return parts.every((part) => part !== '' && [...part].every(isUsableInUsernames) && isOfOneDirection(part));
}
