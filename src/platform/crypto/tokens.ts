import { hash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** Makes an unguessable token: 256 random bits, 43 characters of base64url. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a text could be a token at all, so that nothing else reaches the database. */
export function isToken(text: string): boolean {
  return TOKEN_SHAPE.test(text);
}

/** What is kept of a token: its SHA-256, 32 bytes. A token has full entropy, so no slow hash is needed. */
export function hashToken(token: string): Buffer {
  // By way of hexadecimal: asked for bytes, Node.js takes twice as long to hand them over.
  return Buffer.from(hash('sha256', token, 'hex'), 'hex');
}

/** The same as text: 43 characters of base64url. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64url');
}
