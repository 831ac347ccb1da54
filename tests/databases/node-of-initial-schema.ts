import { sql } from 'kysely';
import type { Queries } from '../kit/tables.ts';

// What a node that knows only the initial schema sends to its database, word for word. Frozen: it represents nodes that
// are still running while a later step is applied. The engine adds the namespace of the tables.
const [accounts, passwords, sessions] = [
  sql.table('accounts'),
  sql.table('passwords'),
  sql.table('sessions'),
];

/**
 * One user registers, signs in, is seen, gets another token, authenticates again, and signs out.
 * @throws {Error} if a statement does not change or find what it should
 */
export async function useOldNode(queries: Queries, number: number, now: number): Promise<void> {
  const id = bytes(16, number);
  const name = `old node ${number}`;
  await sql`insert into ${accounts} (id, username, username_key, email, email_key, email_verified_at, created_at, disabled_at)
    values (${id}, ${name}, ${name}, ${null}, ${null}, ${null}, ${now}, ${null})`.execute(queries);
  await sql`insert into ${passwords} (account_id, hash, changed_at) values (${id}, ${'none'}, ${now})`.execute(
    queries,
  );
  await expectOne(sql`select id from ${accounts} where username_key = ${name}`.execute(queries));
  await expectOne(sql`select hash from ${passwords} where account_id = ${id}`.execute(queries));
  await useASession(queries, id, { id: bytes(16, number + 1), token: bytes(32, number) }, now);
  await expectChange(
    sql`update ${accounts} set disabled_at = ${now} where id = ${id} and disabled_at is null`.execute(
      queries,
    ),
  );
}

type Begun = { readonly id: Buffer; readonly token: Buffer };

async function useASession(queries: Queries, accountId: Buffer, { id, token }: Begun, now: number) {
  const successor = Buffer.from(token).fill(0xff, 0, 8);
  await expectChange(
    sql`insert into ${sessions} (id, token_hash, token_issued_at, account_id, method, is_remembered, proven_at, created_at,
      last_seen_at, expires_at, user_agent, address)
      select ${id} as id, ${token} as token_hash, ${now} as token_issued_at, a.id as account_id,
      ${'password'} as method, ${0} as is_remembered, ${now} as proven_at, ${now} as created_at, ${now} as last_seen_at,
      ${now + 1_000} as expires_at, ${'a browser'} as user_agent, ${'192.0.2.1'} as address
      from ${accounts} a where a.id = ${accountId} and a.disabled_at is null`.execute(queries),
  );
  await expectOne(
    sql`select s.token_hash, s.token_issued_at, s.method, s.is_remembered,
      s.proven_at, s.created_at, s.last_seen_at, s.expires_at, s.stolen_at,
      s.account_id, a.username, a.email, a.email_verified_at, a.disabled_at,
      a.created_at as account_created_at
      from ${sessions} s inner join ${accounts} a on a.id = s.account_id where s.id = ${id}`.execute(queries),
  );
  await expectChange(
    sql`update ${sessions} set last_seen_at = ${now + 1}, address = ${'192.0.2.2'}
      where id = ${id} and token_hash = ${token} and last_seen_at < ${now + 1}`.execute(queries),
  );
  await expectChange(
    sql`update ${sessions} set previous_token_hash = token_hash, previous_issued_at = token_issued_at,
      previous_until = ${now + 30}, successor_salt = ${bytes(16, 7)}, token_hash = ${successor},
      token_issued_at = ${now + 2}, address = ${'192.0.2.1'}
      where id = ${id} and token_hash = ${token} and stolen_at is null
      and (previous_until is null or previous_until <= ${now + 2})`.execute(queries),
  );
  await expectOne(
    sql`select token_hash, token_issued_at, last_seen_at, is_remembered, expires_at, previous_token_hash,
      previous_issued_at, previous_until, successor_salt from ${sessions} where id = ${id}`.execute(queries),
  );
  await expectChange(
    sql`update ${sessions} set previous_token_hash = token_hash, previous_issued_at = token_issued_at,
      previous_until = ${null}, successor_salt = ${null}, token_hash = ${token}, token_issued_at = ${now + 3},
      proven_at = ${now + 3} where id = ${id} and stolen_at is null`.execute(queries),
  );
  await expectChange(
    sql`delete from ${sessions} where id = ${id} and account_id = ${accountId} and stolen_at is null`.execute(
      queries,
    ),
  );
}

async function expectOne(found: Promise<{ readonly rows: readonly unknown[] }>): Promise<void> {
  const { rows } = await found;
  if (rows.length !== 1) throw new Error(`${rows.length} rows where there should be one`);
}

async function expectChange(done: Promise<{ readonly numAffectedRows?: bigint }>): Promise<void> {
  const { numAffectedRows } = await done;
  if (numAffectedRows !== 1n) throw new Error(`${numAffectedRows} rows were changed where it should be one`);
}

function bytes(length: number, number: number): Buffer {
  const buffer = Buffer.alloc(length);
  buffer.writeUInt32BE(number, length - 4);
  return buffer;
}
