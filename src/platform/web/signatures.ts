import { createHmac, type KeyObject } from 'node:crypto';
import { isSameMac } from '../crypto/index.ts';

type Keys = readonly [KeyObject, ...KeyObject[]];

/**
 * HMAC-SHA256 over several parts, in base64url. Each part goes in with its length, so that no two lists of
 * parts give one message (OWASP CSRF cheat sheet).
 */
export function sign(keys: Keys, parts: readonly string[]): string {
  return signature(keys[0], parts).toString('base64url');
}

/** Whether any of the keys made this signature; compares in constant time. */
export function isSigned(keys: Keys, parts: readonly string[], candidate: string): boolean {
  const given = Buffer.from(candidate, 'base64url');
  return keys.some((key) => isSameMac(given, signature(key, parts)));
}

function signature(key: KeyObject, parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  return hmac.digest();
}
