import { randomInt } from 'node:crypto';
import type { Secrets } from '../crypto/index.ts';
import { isSigned, sign } from './signatures.ts';

const DIGITS = 8;
const CODE_SHAPE = /^\d{8}$/;

/** A code that users type, and what is stored of it. */
export type OneTimeCode = { readonly code: string; readonly kept: string };

/**
 * Codes of eight digits. What is kept is an HMAC under a key that is not in the database, bound to its purpose:
 * a plain hash of so few digits would be reversed in a second. Its caller limits how often it is tried (A40).
 */
export type OneTimeCodes = {
  /** @param about what it is for and whose it is */
  readonly make: (about: readonly string[]) => OneTimeCode;
  /** Whether this is the code; spaces and dashes in it do not count. */
  readonly isRight: (typed: string, kept: string, about: readonly string[]) => boolean;
};

export function createOneTimeCodes(secrets: Secrets): OneTimeCodes {
  const keys = secrets.keys('one-time-code');
  return {
    make: (about) => {
      const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
      return { code, kept: sign(keys, [...about, code]) };
    },
    isRight: (typed, kept, about) => {
      const code = typed.replace(/[\s-]/g, '');
      return CODE_SHAPE.test(code) && isSigned(keys, [...about, code], kept);
    },
  };
}
