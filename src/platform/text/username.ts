import { foldCase } from './case-folding.ts';
import { isOfOneDigitSystem, isOfOneDirection, isOfOneScript, isUsableInUsernames } from './code-points.ts';
import { foldLookalikes, hasMisleadingCapitals } from './lookalikes.ts';

/** The fewest and most code points of a username. */
const SHORTEST_USERNAME = 3;
const LONGEST_USERNAME = 64;

/** More is refused before it is normalised, which takes a time that grows with the square of the length (A33). */
const MOST_TYPED_UNITS = 512;

/** Strokes through the letter before, which leave `admin` readable; no language writes with them (class 1 of Unicode). */
const OVERLAY = /[\u0334-\u0338\u20d2\u20d3\u20d8-\u20da\u20e5\u20e6\u20ea\u20eb]/u;

/** A username: as typed, for display, and the key by which it is unique. */
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
  | ({ readonly ok: true } & Username)
  | { readonly ok: false; readonly reason: UsernameRefusal };

/**
 * Parses a username as it was typed. White space around it is dropped, and inside it single spaces may
 * separate parts. It is validated in its canonical form.
 * @see RFC 8265 §3.3 (UsernameCaseMapped), UTS #39
 */
export function parseUsername(typed: string): UsernameReading {
  const reading = readCanonical(typed);
  if (!reading.ok) return reading;
  if (hasMisleadingCapitals(reading.username, reading.key)) return { ok: false, reason: 'lookalike' };
  return reading;
}

function readCanonical(typed: string): UsernameReading {
  if (typed.length > MOST_TYPED_UNITS) return { ok: false, reason: 'too-long' };
  // Phones type ’ where keyboards have '.
  const username = typed.trim().replaceAll('\u2019', "'").normalize('NFC');
  const canonical = foldCase(username);
  const reason = refusal(username, canonical);
  if (reason !== null) return { ok: false, reason };
  return { ok: true, username, key: foldLookalikes(canonical) };
}

/**
 * The key under which a username would be found, or null for what no username can be. Capitals are not misleading here:
 * who registered as `νοα` may sign in as `ΝΟΑ`.
 */
export function usernameKey(typed: string): string | null {
  const reading = readCanonical(typed);
  return reading.ok ? reading.key : null;
}

/** What the keys of usernames begin with whose first letters are typed. */
export function usernamePrefix(typed: string): string {
  return foldLookalikes(foldCase(typed.replaceAll('\u2019', "'").normalize('NFC')));
}

function refusal(username: string, canonical: string): UsernameRefusal | null {
  if (username === '') return 'missing';
  const length = Math.max(lengthOf(username), lengthOf(canonical));
  if (length > LONGEST_USERNAME) return 'too-long';
  // An at sign distinguishes an email address from a username where either may be typed.
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
  if (OVERLAY.test(canonical.normalize('NFD'))) return false;
  // What NFKC would silently replace or drop is looked for in the text as typed, too.
  if (!username.isWellFormed() || /[\p{C}\p{DI}\p{Zl}\p{Zp}]/u.test(username)) return false;
  if (!/[\p{L}\p{Nd}]/u.test(canonical)) return false;
  const parts = canonical.split(' ');
  return parts.every((part) => part !== '' && [...part].every(isUsableInUsernames) && isOfOneDirection(part));
}
