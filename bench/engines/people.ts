import { createHash } from 'node:crypto';
import { usernameKey } from '../../src/auth/identifiers/username.ts';
import { createSessionTokens } from '../../src/auth/sessions/session-token.ts';
import { migrations } from '../../src/operations/migrations/all.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { migrate } from '../../src/platform/sql/index.ts';
import { idToBytes, newId } from '../../src/platform/text/uuid.ts';
import type { Database } from '../../tests/kit/tables.ts';
import { SECRET_KEY } from '../seed.ts';

const sessionTokens = createSessionTokens(createSecrets([SECRET_KEY]));
const BATCH = 1_000;
const TOKEN_LENGTH = 107;
const TOKEN_BYTES = 80;

/** The session of a person by their number: told apart by the number alone, so that nobody has to keep them. */
function sessionIdOf(person: number): Buffer {
  // A hash, so that neighbours lie far from each other, as people who come at random do.
  return createHash('md5').update(String(person)).digest();
}

/** The token of that session; it lacks our seal, at which only the check of a replaced one looks. */
export function tokenOf(person: number): string {
  return Buffer.concat([sessionIdOf(person), Buffer.alloc(TOKEN_BYTES)])
    .toString('base64url')
    .slice(0, TOKEN_LENGTH);
}

/** The name of a person by their number; all names have one length. */
export function usernameOf(person: number): string {
  return `person-${String(person).padStart(7, '0')}`;
}

/** Brings a database's schema up to date and fills it with people, each with a password and a session. */
export async function fill(database: Database, people: number, hash: string): Promise<void> {
  const now = Date.now();
  await migrate(database, migrations, now);
  for (let first = 0; first < people; first += BATCH) {
    await insertBatch(database, { first, size: Math.min(BATCH, people - first), hash, now });
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
    person: first + index,
    id: idToBytes(newId(now)),
  }));
  await database.transaction(async (transaction) => {
    await transaction
      .insertInto('accounts')
      .values(
        batch.map(({ person, id }) => ({
          id,
          username: usernameOf(person),
          username_key: usernameKey(usernameOf(person)) ?? '',
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
        batch.map(({ person, id }) => ({
          ...bound,
          id: sessionIdOf(person),
          token_hash: sessionTokens.hash(tokenOf(person), { ...bound, account_id: id }),
          account_id: id,
          method: 'password',
          is_remembered: 0,
          proven_at: now,
          proven_by: 'password',
          // Seen and rotated ahead of time, so that no check is the one in a minute that also writes.
          token_issued_at: now + HOUR,
          last_seen_at: now + HOUR,
          user_agent: '',
          address: '127.0.0.1',
        })),
      )
      .execute();
  });
}
