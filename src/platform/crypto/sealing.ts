import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { KeyPurpose, Secrets } from './secrets.ts';

/**
 * Seals text that must not be read where it lies, such as in the database: AES-256-GCM (NIST SP 800-38D) under a key of
 * its own. An attacker who can write there cannot move a seal, because it is valid only for what it is bound to.
 */
export type Seal = {
  readonly seal: (plain: string, boundTo: string) => Uint8Array;
  /** Null where none of the keys made it: `SECRET_KEY` was replaced, or the value was tampered with. */
  readonly open: (sealed: Uint8Array, boundTo: string) => string | null;
};

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param purpose what is sealed; each purpose has keys of its own */
export function createSeal(secrets: Secrets, purpose: KeyPurpose): Seal {
  const keys = secrets.keys(purpose);
  return {
    seal: (plain, boundTo) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keys[0], nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(boundTo));
      return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, boundTo) => {
      for (const key of keys) {
        const plain = opened(key, Buffer.from(sealed), boundTo);
        if (plain !== null) return plain;
      }
      return null;
    },
  };
}

function opened(key: KeyObject, sealed: Buffer, boundTo: string): string | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return (
      decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch {
    // The tag does not fit: another key, or another place.
    return null;
  }
}

/** The longest that fits into a row everywhere, in characters of JSON. */
const LONGEST_VALUE = 30_000;

/** Seals a value as JSON; null where it is longer than what is kept. */
export function sealValue({ seal }: Seal, value: unknown, boundTo: string): Uint8Array | null {
  const plain = JSON.stringify(value);
  return plain.length > LONGEST_VALUE ? null : seal(plain, boundTo);
}

/** Null where none of our keys opens it. @throws {ZodError} where it is another value than was sealed */
export function openValue<Value>(
  { open }: Seal,
  schema: z.ZodType<Value>,
  sealed: Uint8Array,
  boundTo: string,
): Value | null {
  const plain = open(sealed, boundTo);
  return plain === null ? null : schema.parse(JSON.parse(plain));
}
