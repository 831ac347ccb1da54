import { createHash } from 'node:crypto';
import { createSessionTokens } from '../../src/auth/sessions/session-token.ts';
import { migrations } from '../../src/latchkey.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { migrate } from '../../src/platform/sql/index.ts';
import { usernameKey } from '../../src/platform/text/username.ts';
import { idToBytes, newId } from '../../src/platform/text/uuid.ts';
import type { Database } from '../../tests/kit/tables.ts';
import { SECRET_KEY } from '../seed.ts';

const sessionTokens = createSessionTokens(createSecrets([SECRET_KEY]));
const BATCH = 1_000;
const TOKEN_LENGTH = 107;
const TOKEN_BYTES = 80;

/** The session id of a user, derived from the user's number alone, so that no ids are kept in memory. */
function sessionIdOf(user: number): Buffer {
  // A hash, so that consecutive users are far apart in the index, as users in random order are.
  return createHash('md5').update(String(user)).digest();
}

/** The token of that session. It has no seal, which is checked only for a replaced token. */
export function tokenOf(user: number): string {
  return Buffer.concat([sessionIdOf(user), Buffer.alloc(TOKEN_BYTES)])
    .toString('base64url')
    .slice(0, TOKEN_LENGTH);
}

/** The username for a number; all usernames have the same length. */
export function usernameOf(user: number): string {
  return `member-${String(user).padStart(7, '0')}`;
}

/** Applies the schema to a database and inserts users, each with a password and a session. */
export async function fill(database: Database, users: number, hash: string): Promise<void> {
  const now = Date.now();
  await migrate(database, migrations, now);
  for (let first = 0; first < users; first += BATCH) {
    await insertBatch(database, { first, size: Math.min(BATCH, users - first), hash, now });
  }
}

type Batch = {
  readonly first: number;
  readonly size: number;
  readonly hash: string;
  readonly now: number;
};

async function insertBatch(database: Database, { first, size, hash, now }: Batch): Promise<void> {
  const batch = Array.from({ length: size }, (_, index) => ({
    user: first + index,
    id: idToBytes(newId(now)),
  }));
  await database.transaction(async (transaction) => {
    await transaction
      .insertInto('accounts')
      .values(
        batch.map(({ user, id }) => ({
          id,
          username: usernameOf(user),
          username_key: usernameKey(usernameOf(user)) ?? '',
          email: null,
          email_key: null,
          email_verified_at: null,
          created_at: now,
          disabled_at: null,
          delete_at: null,
        })),
      )
      .execute();
    await transaction
      .insertInto('passwords')
      .values(batch.map(({ id }) => ({ account_id: id, hash, changed_at: now })))
      .execute();
    const bound = { created_at: now, expires_at: now + 7 * DAY };
    await transaction
      .insertInto('sessions')
      .values(
        batch.map(({ user, id }) => ({
          ...bound,
          id: sessionIdOf(user),
          token_hash: sessionTokens.hash(tokenOf(user), { ...bound, account_id: id }),
          account_id: id,
          method: 'password',
          is_remembered: 0,
          proven_at: now,
          proven_by: 'password',
          // “Last seen” and rotation are in the future, so that no measured check is the one per minute that also
          // writes.
          token_issued_at: now + HOUR,
          last_seen_at: now + HOUR,
          user_agent: '',
          address: '127.0.0.1',
        })),
      )
      .execute();
  });
}
