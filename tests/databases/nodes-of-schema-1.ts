import { sql } from 'kysely';
import type { Queries } from '../../src/core/database/schema.ts';

// What a node of schema step 1 says to its database, word for word. Frozen: it stands for programs that are out there.

/** Somebody registers, signs in, is seen, and signs out. Throws when any of it goes wrong. */
export async function liveOneLife(queries: Queries, number: number, now: number): Promise<void> {
  const id = bytes(16, number);
  const sessionId = bytes(16, number + 1);
  const tokenHash = bytes(32, number);
  const name = `old node ${number}`;
  await sql`insert into accounts (id, username, username_key, email, email_key, email_verified_at, created_at, disabled_at)
    values (${id}, ${name}, ${name}, ${null}, ${null}, ${null}, ${now}, ${null})`.execute(queries);
  await sql`insert into passwords (account_id, hash, changed_at) values (${id}, ${'none'}, ${now})`.execute(
    queries,
  );
  await expectOne(sql`select id from accounts where username_key = ${name}`.execute(queries));
  await expectOne(sql`select hash from passwords where account_id = ${id}`.execute(queries));
  await sql`insert into sessions (id, token_hash, account_id, method, created_at, last_seen_at, expires_at)
    select ${sessionId}, ${tokenHash}, accounts.id, ${'password'}, ${now}, ${now}, ${now + 1_000}
    from accounts where accounts.id = ${id} and accounts.disabled_at is null`.execute(queries);
  await expectOne(
    sql`select sessions.id, sessions.method, sessions.created_at, sessions.last_seen_at, sessions.expires_at,
      sessions.account_id, accounts.username, accounts.email, accounts.email_verified_at, accounts.disabled_at
      from sessions inner join accounts on accounts.id = sessions.account_id
      where sessions.token_hash = ${tokenHash}`.execute(queries),
  );
  await sql`update sessions set last_seen_at = ${now + 1} where id = ${sessionId} and last_seen_at < ${now + 1}`.execute(
    queries,
  );
  await sql`delete from sessions where token_hash = ${tokenHash}`.execute(queries);
}

async function expectOne(found: Promise<{ readonly rows: readonly unknown[] }>): Promise<void> {
  const { rows } = await found;
  if (rows.length !== 1) throw new Error(`${rows.length} rows where there should be one`);
}

function bytes(length: number, number: number): Buffer {
  const buffer = Buffer.alloc(length);
  buffer.writeUInt32BE(number, length - 4);
  return buffer;
}
