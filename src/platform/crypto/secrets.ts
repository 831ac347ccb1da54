import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** What a derived key is for, such as `csrf`. Each purpose has a key of its own, so no value made for one passes for another. */
export type KeyPurpose = string;

/** Keys derived from `SECRET_KEY`: the first one signs, all of them verify, which is what makes rotation work. */
export type Secrets = { readonly keys: (purpose: KeyPurpose) => readonly [KeyObject, ...KeyObject[]] };

/**
 * Derives a 256-bit key for each purpose from each secret.
 * @param secrets the newest first, each at least 32 bytes
 * @see RFC 5869 (HKDF)
 */
export function createSecrets(secrets: readonly [string, ...string[]]): Secrets {
  const [newest, ...older] = secrets;
  return {
    keys: (purpose) => [derive(newest, purpose), ...older.map((secret) => derive(secret, purpose))],
  };
}

// Node.js parses a key in plain bytes again for each signature, which takes five times as long as the signature itself.
function derive(secret: string, purpose: KeyPurpose): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `latchkey ${purpose} v1`, 32)));
}
