import { codeOf } from '../features/totp/index.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The code that an authenticator app shows.
 * @param secret the key as the page shows it or `POST /api/account/authenticator` returns it; spaces do not matter
 * @param at the time of the login system in milliseconds of UTC, such as `clock.now()`
 * @throws {TypeError} if it is no key in base32 (RFC 4648 §6)
 */
export function authenticatorCode(secret: string, at: number): string {
  const letters = [...secret.replace(/[\s=]/g, '').toUpperCase()];
  if (letters.length === 0 || !letters.every((letter) => ALPHABET.includes(letter)))
    throw new TypeError('the secret is no key in base32');
  const bits = letters.map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return codeOf(Buffer.from(bytes), at);
}
