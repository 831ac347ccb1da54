import { createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { isSameMac, type Secrets } from '../../platform/crypto/index.ts';
import { isSigned, sign } from '../../platform/web/index.ts';
import type { SessionTables } from './store.ts';

// A session token: its id (16 bytes) and a secret (32 bytes) in base64url, which is 64 characters, and a MAC of them. The id
// finds the row; the keyed hash of the whole text proves the session; the MAC distinguishes an old token, which may be
// stolen, from an invented one.
const SHAPE = /^[A-Za-z0-9_-]{107}$/;
const ID_BYTES = 16;
const ID_CHARACTERS = 22;
const SECRET_BYTES = 32;
const BODY_CHARACTERS = 64;

/** The bytes of the session id in a token; null for what cannot be one, so that nothing else reaches the database. */
export function sessionIdIn(token: string): Uint8Array | null {
  if (!SHAPE.test(token)) return null;
  // The last of these characters holds four bits of the secret, too, which decoding leaves out.
  return Buffer.from(token.slice(0, ID_CHARACTERS), 'base64url');
}

/** What a token is bound to in its row: whose the session is, and its lifetime. */
export type BoundColumns = Pick<SessionTables['sessions'], 'account_id' | 'created_at' | 'expires_at'>;

export type SessionTokens = {
  /** A new token with a secret of 256 random bits. */
  readonly make: (sessionId: Uint8Array) => string;
  /**
   * The successor of a token. It can be derived again from that token and the salt, so that a lost response can be sent
   * again; the database alone, with the salt and hashes, is not enough.
   * @returns one for each key that may have sealed it, the newest first
   */
  readonly successors: (
    token: string,
    sessionId: Uint8Array,
    salt: Uint8Array,
  ) => readonly [string, ...string[]];
  /** What the row keeps of a token: its HMAC under the newest key, bound to what never changes in the row (A69). */
  readonly hash: (token: string, bound: BoundColumns) => Uint8Array;
  /** Whether this is what a row with these columns keeps of the token, under any key. Compares in constant time. */
  readonly isHashOf: (token: string, bound: BoundColumns, hash: Uint8Array) => boolean;
  /** Whether the token was made here at some time, for this or any other state of its session. */
  readonly isOurs: (token: string) => boolean;
};

export function createSessionTokens(secrets: Secrets): SessionTokens {
  const [newest, ...older] = secrets.keys('session');
  const hashKeys = secrets.keys('session-hash');
  const sealed = (key: typeof newest, body: string) => body + sign([key], [body]);
  return {
    make: (sessionId) => sealed(newest, bodyOf(sessionId, randomBytes(SECRET_BYTES))),
    successors: (token, sessionId, salt) => {
      const body = bodyOf(sessionId, createHmac('sha256', salt).update(token).digest());
      return [sealed(newest, body), ...older.map((key) => sealed(key, body))];
    },
    hash: (token, bound) => keyedHash(hashKeys[0], token, bound),
    isHashOf: (token, bound, hash) => hashKeys.some((key) => isSameMac(hash, keyedHash(key, token, bound))),
    isOurs: (token) => {
      const [body, seal] = [token.slice(0, BODY_CHARACTERS), token.slice(BODY_CHARACTERS)];
      return isCanonical(seal) && isSigned([newest, ...older], [body], seal);
    },
  };
}

const TIME_BYTES = 8;

// Without these, an attacker who can write to the database could make the owner of a session another one, or put back
// a row whose session has ended and let it live on. The length of each part is fixed, so they need no separator.
function keyedHash(
  key: KeyObject,
  token: string,
  { account_id, created_at, expires_at }: BoundColumns,
): Buffer {
  const lifetime = Buffer.allocUnsafe(2 * TIME_BYTES);
  // As floating-point numbers, which hold every value of the row.
  lifetime.writeDoubleBE(created_at, 0);
  lifetime.writeDoubleBE(expires_at, TIME_BYTES);
  return createHmac('sha256', key).update(token).update(account_id).update(lifetime).digest();
}

function bodyOf(sessionId: Uint8Array, secret: Uint8Array): string {
  return Buffer.concat([sessionId.subarray(0, ID_BYTES), secret]).toString('base64url');
}

// The last character of a seal has bits that decoding leaves out; a token changed in those is none of ours.
function isCanonical(seal: string): boolean {
  return Buffer.from(seal, 'base64url').toString('base64url') === seal;
}
