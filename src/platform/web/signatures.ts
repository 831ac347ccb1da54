import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

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
  return keys.some((key) => {
    const expected = signature(key, parts);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function signature(key: KeyObject, parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  return hmac.digest();
}
