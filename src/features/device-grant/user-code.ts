import { randomInt } from 'node:crypto';

/** Consonants alone, so that no code is a word, and none that is taken for a digit. @see RFC 8628 §6.1 */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
/** 20^8 is more than 2^34. */
const LENGTH = 8;
const SHAPE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`);

/** Makes a code that a user types from one device into another. */
export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}

/** A code as it is shown, such as `WDJB-MJHT`. */
export function userCodeText(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** A code as it was typed, in any case and with any separators; null for a text that is none. */
export function parseUserCode(text: string): string | null {
  const code = text.replace(/[^A-Za-z]/g, '').toUpperCase();
  return SHAPE.test(code) ? code : null;
}
