import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { hashSync } from '@node-rs/argon2';
import { createSessionTokens } from '../src/auth/sessions/session-token.ts';
import { migrations } from '../src/latchkey.ts';
import { createSecrets } from '../src/platform/crypto/secrets.ts';
import { DAY, HOUR } from '../src/platform/runtime/clock.ts';
import { migrate, openDatabase } from '../src/platform/sql/index.ts';
import { emailKey } from '../src/platform/text/email-address.ts';
import { usernameKey } from '../src/platform/text/username.ts';
import { settingsFromOptions } from '../src/read-settings.ts';
import type { AllTables } from '../tests/kit/tables.ts';
import type { SignInAccounts } from './load/caller.ts';

/** A database of `accounts` accounts, each with a password and a session. */
export type SeededDatabase = {
  readonly path: string;
  /** The token of every session, concatenated. */
  readonly tokens: Buffer;
  readonly accounts: SignInAccounts;
};

export const PASSWORD = 'a passphrase that only the bench knows';
const CACHE_KIBIBYTES = 1_048_576;
const RANDOM_STOCK = 4_000_000;
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** One hash for all accounts: the cost of a verification depends only on the parameters in it. */
export function hashOfPassword(): string {
  const { memoryKibibytes, passes, lanes } = settingsFromOptions({ databaseUrl: 'sqlite://' }).passwordHash;
  const options = { memoryCost: memoryKibibytes, timeCost: passes, parallelism: lanes };
  return hashSync(PASSWORD, options);
}

/** The secret key of the sessions, and of the measured servers. */
export const SECRET_KEY = 'Zm9yIHRoZSBiZW5jaCBhbG9uZSwgYW5kIG5vdGhpbmc';

/** Creates the file by the migrations of the project and fills it in one transaction. */
export async function seedDatabase(path: string, count: number, hash: string): Promise<SeededDatabase> {
  const { databaseUrl, databaseOptions } = settingsFromOptions({
    databaseUrl: `sqlite:${path}`,
    secretKey: SECRET_KEY,
  });
  const database = openDatabase<AllTables>(databaseUrl, databaseOptions);
  await migrate(database, migrations, Date.now());
  await database.close();

  const connection = new DatabaseSync(path);
  // Losing this file does no harm, so filling it need not wait for the disk.
  connection.exec(`PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIBIBYTES}; BEGIN`);
  const tokens = insertUsers(connection, count, hash);
  connection.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  connection.close();
  return { path, tokens, accounts: { count, username, password: PASSWORD } };
}

function insertUsers(connection: DatabaseSync, count: number, hash: string): Buffer {
  const account = connection.prepare(
    'insert into accounts (id, username, username_key, email, email_key, email_verified_at, created_at) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const password = connection.prepare(
    'insert into passwords (account_id, hash, changed_at) values (?, ?, ?)',
  );
  const session = connection.prepare(
    `insert into sessions (id, token_hash, token_issued_at, account_id, method, is_remembered, proven_at, created_at,
      last_seen_at, expires_at, user_agent, address) values (?, ?, ?, ?, 'password', 0, ?, ?, ?, ?, ?, '127.0.0.1')`,
  );
  const now = Date.now();
  // “Last seen” and rotation are in the future, so that no look-up is the one per minute that also writes.
  const seen = now + HOUR;
  const nextRandom = randomSlices();
  const tokens = createSessionTokens(createSecrets([SECRET_KEY]));
  const all: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const since = now - count + index;
    const accountId = idOf(since, nextRandom(16));
    const name = username(index);
    const email = `${name}@example.org`;
    account.run(accountId, name, usernameKey(name), email, emailKey(email), since, since);
    password.run(accountId, hash, since);
    const sessionId = idOf(since, nextRandom(16));
    const token = tokens.make(sessionId);
    const expiresAt = now + 7 * DAY;
    const times = [since, since, seen, expiresAt];
    const hashed = tokens.hash(token, { account_id: accountId, created_at: since, expires_at: expiresAt });
    session.run(sessionId, hashed, seen, accountId, ...times, USER_AGENT);
    all.push(token);
  }
  return Buffer.from(all.join(''), 'latin1');
}

/** Returns random bytes from a large buffer: requesting a few at a time takes longer than the inserts. */
function randomSlices(): (count: number) => Buffer {
  let stock = Buffer.alloc(0);
  return (count) => {
    if (stock.length < count) stock = randomBytes(RANDOM_STOCK);
    const slice = stock.subarray(0, count);
    stock = stock.subarray(count);
    return slice;
  };
}

/** Creates a UUID version 7 from random bytes, as the server does. */
function idOf(now: number, bytes: Buffer): Buffer {
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes;
}

function username(index: number): string {
  return `member-${String(index).padStart(7, '0')}`;
}
