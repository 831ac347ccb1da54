// A bare `node:http` server that answers GET /api/session by hand, without a router, a framework or fixed headers:
// the same row of the same file, the same HMAC, the same JSON. It refuses a token that is due for rotation.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';

const COOKIE = 'latchkey=';
const IDLE = 24 * 60 * 60 * 1_000;
const ROTATE = 10 * 60 * 1_000;
// 16 bytes in base64url.
const ID_CHARACTERS = 22;
// As long as the server keeps its connections, so that none is closed between two rounds.
const KEEP_ALIVE = 65_000;

const [key] = createSecrets([process.env['SECRET_KEY'] ?? '']).keys('session-hash');
const database = new DatabaseSync(process.env['DATABASE'] ?? '', { readOnly: true });
const find = database.prepare(`
  select s.token_hash, s.token_issued_at, s.created_at, s.last_seen_at, s.expires_at, s.stolen_at, s.account_id,
         a.username, a.email, a.email_verified_at, a.disabled_at, a.delete_at
  from sessions s join accounts a on a.id = s.account_id where s.id = ?`);

createServer({ keepAliveTimeout: KEEP_ALIVE }, answer).listen(Number(process.env['PORT']), '127.0.0.1');

function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const body = incoming.url === '/api/session' ? sessionOf(incoming.headers.cookie) : null;
  const text = body ?? '{"title":"Not signed in"}';
  const length = Buffer.byteLength(text);
  outgoing.writeHead(body === null ? 401 : 200, {
    'content-type': 'application/json',
    'content-length': length,
  });
  outgoing.end(text);
}

function sessionOf(cookie: string | undefined): string | null {
  const start = cookie?.indexOf(COOKIE) ?? -1;
  if (cookie === undefined || start === -1) return null;
  const end = cookie.indexOf(';', start);
  const token = cookie.slice(start + COOKIE.length, end === -1 ? undefined : end);
  const id = Buffer.from(token.slice(0, ID_CHARACTERS), 'base64url');
  const row = find.get(id);
  if (row === undefined || row['disabled_at'] !== null || row['stolen_at'] !== null) return null;
  if (row['delete_at'] !== null) return null;
  const [kept, account] = [row['token_hash'], row['account_id']];
  if (!(kept instanceof Uint8Array) || !(account instanceof Uint8Array)) return null;
  const lifetime = Buffer.allocUnsafe(16);
  lifetime.writeDoubleBE(Number(row['created_at']), 0);
  lifetime.writeDoubleBE(Number(row['expires_at']), 8);
  const hash = createHmac('sha256', key).update(token).update(account).update(lifetime).digest();
  if (!timingSafeEqual(hash, kept)) return null;
  const now = Date.now();
  if (now >= Number(row['expires_at']) || now >= Number(row['last_seen_at']) + IDLE) return null;
  if (now >= Number(row['token_issued_at']) + ROTATE) return null;
  return JSON.stringify({
    user: {
      id: uuid(row['account_id']),
      username: row['username'],
      email: row['email'],
      emailVerified: row['email_verified_at'] !== null,
    },
    session: {
      id: uuid(id),
      createdAt: new Date(Number(row['created_at'])).toISOString(),
      expiresAt: new Date(Number(row['expires_at'])).toISOString(),
    },
  });
}

function uuid(value: SQLOutputValue | undefined): string {
  if (!(value instanceof Uint8Array)) throw new TypeError('not an id');
  const hex = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
