import { commonPasswords } from './blocklist.ts';
import { contextWordIn, isRepetitive } from './predictable.ts';

/** More is refused before it is hashed (A33); it is hundreds of characters in any script. */
const MAXIMUM_PASSWORD_BYTES = 1_024;

// No text of more UTF-16 units than this is normalised to see whether it would get short enough.
const MOST_UNITS = 4 * MAXIMUM_PASSWORD_BYTES;

export type PasswordRefusal =
  | { readonly kind: 'missing' | 'too-long' | 'ill-formed' | 'common' | 'repetitive' }
  /** It is the one that it would replace. */
  | { readonly kind: 'current' }
  | { readonly kind: 'too-short'; readonly minimumCodePoints: number; readonly codePoints: number }
  | { readonly kind: 'context'; readonly word: string };

export type CheckedPassword =
  | { readonly ok: true /** Normalised, as it is to be hashed. */; readonly password: string }
  | { readonly ok: false; readonly reason: PasswordRefusal };

export type PasswordPolicy = {
  readonly minimumCodePoints: number;
  /** What is known of the user and the site, and so no secret. */
  readonly contextWords: readonly string[];
};

/**
 * Whether a new password is good enough. Length counts in code points; no kinds of characters are required.
 * @see NIST SP 800-63B-4 §3.1.1.2
 */
export function checkPassword(typed: string, policy: PasswordPolicy): CheckedPassword {
  const reason = refusal(typed, policy);
  return reason === null ? { ok: true, password: normalisePassword(typed) } : { ok: false, reason };
}

/**
 * The form in which passwords are compared: NFC, so that one text typed on two keyboards is one password.
 * Nothing else is changed: spaces, case and width count (A34).
 */
export function normalisePassword(typed: string): string {
  return typed.normalize('NFC');
}

/** Whether a password has white space at an end, which counts and which its user may not have meant or seen. */
export function hasOuterSpace(password: string): boolean {
  return password !== password.trim();
}

/** Whether a password is longer than any that could have been accepted, and so need not be hashed. */
export function isTooLongToHash(typed: string): boolean {
  return typed.length > MOST_UNITS || Buffer.byteLength(normalisePassword(typed)) > MAXIMUM_PASSWORD_BYTES;
}

/** Whether a password, normalised, is on the shipped list of common and stolen ones. */
export function isCommon(password: string): boolean {
  return commonPasswords().has(password.toLowerCase());
}

function refusal(typed: string, { minimumCodePoints, contextWords }: PasswordPolicy): PasswordRefusal | null {
  if (typed === '') return { kind: 'missing' };
  if (isTooLongToHash(typed)) return { kind: 'too-long' };
  if (!typed.isWellFormed() || /\p{Cc}/u.test(typed)) return { kind: 'ill-formed' };
  const password = normalisePassword(typed);
  const codePoints = [...password].length;
  if (codePoints < minimumCodePoints) return { kind: 'too-short', minimumCodePoints, codePoints };
  if (isCommon(password)) return { kind: 'common' };
  if (isRepetitive(password)) return { kind: 'repetitive' };
  const word = contextWordIn(password, contextWords);
  return word === null ? null : { kind: 'context', word };
}
