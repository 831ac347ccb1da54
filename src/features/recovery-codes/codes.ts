import { randomBytes } from 'node:crypto';
import { hashToken } from '../../platform/crypto/index.ts';
import type { Id } from '../../platform/text/index.ts';

export const CODES = 10;

/** Crockford's base 32: no I, L, O and U, which are read as other characters or as words. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 16;
const SHAPE = /^[0-9A-HJKMNP-TV-Z]{16}$/;

/** A list of codes of 80 random bits each; NIST SP 800-63B-4 §4.2.1.1 asks for 64. */
export function createCodes(): readonly string[] {
  return Array.from({ length: CODES }, createCode);
}

function createCode(): string {
  // 256 is a multiple of 32, so every character is as likely as any other.
  const characters = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET.charAt(byte % ALPHABET.length));
  return characters.join('').replace(/(.{4})(?=.)/g, '$1-');
}

/** The code that a user means: case, spaces and dashes do not count, and O, I and L are the digits that they look like. */
function normaliseCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
}

export function isLikeCode(typed: string): boolean {
  return SHAPE.test(normaliseCode(typed));
}

/** What is kept of a code. It is bound to its list, and has too much entropy for a slow hash to be of use. */
export function hashCode(listId: Id, typed: string): Uint8Array {
  return hashToken(`${listId} ${normaliseCode(typed)}`);
}
