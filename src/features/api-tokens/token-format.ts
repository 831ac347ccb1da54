import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Names the software and the kind of the secret, so that secret scanners recognise it wherever it was left. */
const PREFIX = 'latchkey_pat_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is more than 2^256. */
const SECRET_CHARACTERS = 43;
/** 62^6 is more than 2^32. */
const CHECKSUM_CHARACTERS = 6;

/** The shape of a token, for secret scanners: docs/api-tokens.md. */
const SHAPE = /^latchkey_pat_[0-9A-Za-z]{49}$/;

/** Makes an unguessable API token: a prefix, 256 random bits, and a checksum of both. */
export function newApiToken(): string {
  const secret = Array.from({ length: SECRET_CHARACTERS }, () => DIGITS.charAt(randomInt(DIGITS.length)));
  const text = PREFIX + secret.join('');
  return text + checksumOf(text);
}

/** Whether a text could be an API token at all; nothing else reaches the database. */
export function isApiToken(text: string): boolean {
  return (
    SHAPE.test(text) && checksumOf(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS)
  );
}

/** A CRC-32 in base 62. It proves nothing; by it, scanners distinguish a token from a text that looks like one. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let count = 0; count < CHECKSUM_CHARACTERS; count += 1) {
    digits = DIGITS.charAt(rest % DIGITS.length) + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}
