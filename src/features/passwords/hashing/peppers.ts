import { hkdfSync } from 'node:crypto';

/**
 * The key that a hash is made with beside the password, kept outside the database. Without it a stolen table of
 * hashes cannot be guessed at, however weak a password is.
 */
export type Pepper = {
  /** The `keyid` in the PHC string of each hash made with it. It reveals nothing of the key. */
  readonly id: string;
  /** The secret input of Argon2. @see RFC 9106 §3.1 */
  readonly key: Uint8Array;
};

/** The peppers that are known: new hashes get the first, none where there is none; all of them can be verified. */
export type Peppers = readonly Pepper[];

const ID_BYTES = 8;

/**
 * Derives key and name of each pepper, in one order.
 * @param secrets the newest first, each at least 32 bytes
 * @see RFC 5869 (HKDF)
 */
export function createPeppers(secrets: readonly string[]): Peppers {
  return secrets.map((secret) => ({
    id: derive(secret, 'pepper id', ID_BYTES).toString('base64').replace(/=+$/, ''),
    key: derive(secret, 'pepper', 32),
  }));
}

function derive(secret: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `latchkey ${purpose} v1`, bytes));
}

const KEY_ID = /^(\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+)(?:,keyid=([A-Za-z0-9+/]{1,11}))?(?=\$)/;

/** The id of the pepper that a stored hash was made with; null when it was made without one. */
export function pepperIdOf(phc: string): string | null {
  return KEY_ID.exec(phc)?.[2] ?? null;
}

/** A hash that says which pepper it was made with. */
export function withPepperId(phc: string, pepper: Pepper | undefined): string {
  return pepper === undefined ? phc : phc.replace(KEY_ID, `$1,keyid=${pepper.id}`);
}
