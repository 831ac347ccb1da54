import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { AccountId } from '../../src/auth/identifiers/ids.ts';
import { apiTokenIds } from '../../src/features/api-tokens/index.ts';
import * as apiTokens from '../../src/features/api-tokens/store.ts';
import * as grants from '../../src/features/device-grant/store.ts';
import { newUserCode } from '../../src/features/device-grant/user-code.ts';
import * as requests from '../../src/features/external-sign-in/store/authorization-requests.ts';
import * as store from '../../src/features/external-sign-in/store/identities.ts';
import { readTables } from '../../src/operations/copy/tables.ts';
import { hashToken } from '../../src/platform/crypto/tokens.ts';
import { deleteExpired } from '../../src/platform/sql/index.ts';
import { idToBytes, newId } from '../../src/platform/text/uuid.ts';
import type { AllTables, Database, Queries } from './tables.ts';

/** A row of a session that has not been rotated, with arbitrary values in the other columns. */
export function sessionRow(
  own: Pick<AllTables['sessions'], 'id' | 'token_hash' | 'account_id'> & Partial<AllTables['sessions']>,
  now: number,
): AllTables['sessions'] {
  return {
    token_issued_at: now,
    previous_token_hash: null,
    previous_issued_at: null,
    previous_until: null,
    successor_salt: null,
    method: 'password',
    is_remembered: 0,
    proven_at: now,
    proven_by: 'password',
    second_factor: null,
    second_factor_at: null,
    created_at: now,
    last_seen_at: now,
    expires_at: now + 3_600_000,
    stolen_at: null,
    user_agent: '',
    address: '127.0.0.1',
    roles: null,
    ...own,
  };
}

/** More than one batch of a copy, and no multiple of it. */
export const UNUSUAL_ACCOUNTS = 1_203;

/** Values that engines and drivers are prone to change. */
const TEXTS = [
  'Ζωή',
  '小林さん',
  '👩‍🚀🏳️‍🌈',
  'e\u0301 is not é',
  ' spaces around ',
  `"quoted", 'so', \`so\` and \\so\\`,
  'two\r\nlines\tand a tab',
  '%_;--',
  'null',
  '0042',
  '\u{10ffff}\u0001\u200b\ufeff',
  '',
];

/** Bytes that differ for each number and are not in order. */
function bytes(length: 16 | 32, kind: string, number: number): Uint8Array {
  if (number === 0) return new Uint8Array(length);
  if (number === 1) return new Uint8Array(length).fill(0xff);
  return createHash('sha256').update(`${kind} ${number}`).digest().subarray(0, length);
}

function accountRow(number: number, now: number) {
  const text = TEXTS[number % TEXTS.length] ?? '';
  const hasEmail = number % 3 > 0;
  return {
    id: bytes(16, 'account', number),
    username: text,
    username_key: `${text} ${number}`,
    email: hasEmail ? `${number}@example.org` : null,
    email_key: hasEmail ? `${number}@example.org` : null,
    email_verified_at: number % 2 === 0 ? null : now + number,
    created_at: number === 0 ? 0 : now - number,
    disabled_at: number % 7 === 0 ? now + 1 : null,
    delete_at: number % 5 === 0 ? now + number : null,
  };
}

function unusualSession(number: number, now: number) {
  const text = TEXTS[number % TEXTS.length] ?? '';
  const isRotated = number % 8 < 4;
  const own = {
    id: bytes(16, 'session', number),
    token_hash: bytes(32, 'token', number),
    account_id: bytes(16, 'account', number),
    created_at: now + 1,
    last_seen_at: now + 123,
    expires_at: Number.MAX_SAFE_INTEGER - number,
    user_agent: `${text}${text}`,
    ...(isRotated && {
      previous_token_hash: bytes(32, 'previous token', number),
      previous_issued_at: now - 7,
      previous_until: now + 30_000,
      successor_salt: bytes(16, 'salt', number),
    }),
  };
  return sessionRow(own, now);
}

/** Mails with and without an account, due and failed, of one byte and of many. */
function unusualMail(number: number, now: number) {
  return {
    id: bytes(16, 'mail', number),
    account_id: number === 0 ? null : bytes(16, 'account', number),
    recipient: `${number}@example.org`,
    message: 'password-changed',
    sealed: Buffer.concat(Array.from({ length: 1 + 600 * number }, () => bytes(32, 'sealed', number))),
    created_at: now,
    attempts: number,
    due_at: number === 1 ? null : now + number,
    lease: number === 2 ? bytes(16, 'lease', number) : null,
    answer: number === 1 ? (TEXTS[3] ?? '') : null,
    shown_at: null,
    failed_at: number === 1 ? now : null,
  };
}

/** Fills a database with rows that are hard to copy between engines, the same ones each time. */
export async function insertUnusualRows({ queries }: Database, now: number): Promise<void> {
  for (let start = 0; start < UNUSUAL_ACCOUNTS; start += 200) {
    const length = Math.min(200, UNUSUAL_ACCOUNTS - start);
    const numbers = Array.from({ length }, (_, offset) => start + offset);
    const accounts = numbers.map((number) => accountRow(number, now));
    await queries.insertInto('accounts').values(accounts).execute();
    const hashes = accounts.map(({ id, username }) => ({
      account_id: id,
      hash: username,
      changed_at: now + 7,
      found_breached_at: username === 'null' ? now + 8 : null,
    }));
    await queries.insertInto('passwords').values(hashes).execute();
    const sessions = numbers.filter((number) => number % 4 < 2).map((number) => unusualSession(number, now));
    await queries.insertInto('sessions').values(sessions).execute();
  }
  const tokens = TEXTS.map((data, number) => ({
    token_hash: bytes(32, 'one-time token', number),
    purpose: 'invitation',
    account_id: number % 2 === 0 ? null : bytes(16, 'account', number),
    data,
    issued_at: now,
    expires_at: now + number,
    seal: bytes(32, 'seal', number),
  }));
  await queries.insertInto('one_time_tokens').values(tokens).execute();
  await queries
    .insertInto('mail_outbox')
    .values([0, 1, 2].map((number) => unusualMail(number, now)))
    .execute();
  const counters = [1, 2_147_483_647, 0, -1].map((count, number) => ({
    key_hash: bytes(32, 'counter', number),
    count,
    expires_at: now + number,
  }));
  await queries.insertInto('counters').values(counters).execute();
}

/** All content that a copy includes, as text, in the order of the keys. */
export async function readContent({
  queries,
}: Database): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {};
  for (const { name } of (await readTables()).filter(({ leftOut }) => leftOut === null)) {
    const { rows } = await sql<Readonly<Record<string, unknown>>>`select * from ${sql.table(name)}`.execute(
      queries,
    );
    found[name] = rows.map((row) => JSON.stringify(Object.entries(row).map(written))).sort();
  }
  return found;
}

function written([column, value]: [string, unknown]): string {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  return `${column} ${typeof value} ${text}`;
}

const HOUR = 3_600_000;
const ISSUER = 'https://id.example.org';

/** Many users who have connected a provider, and as many with an open authorization request. */
export async function fillExternal(queries: Queries, ids: readonly Uint8Array[], now: number): Promise<void> {
  const identities = ids.map((id, number) => ({
    id: idToBytes(newId(now)),
    account_id: id,
    provider: 'acme',
    issuer: ISSUER,
    subject: `person ${now} ${number} ${Buffer.from(id).toString('hex')}`,
    handle: null,
    verified_email_key: null,
    created_at: now,
    last_used_at: now,
  }));
  const transactions = ids.map((id, number) => ({
    state_hash: hashToken(`state of ${Buffer.from(id).toString('hex')}`),
    browser_hash: hashToken('browser'),
    provider: 'acme',
    intent: 'sign-in',
    session_id: null,
    next_path: null,
    created_at: now,
    expires_at: now + HOUR + number,
    seal: hashToken('a seal'),
  }));
  await queries.insertInto('external_identities').values(identities).execute();
  await queries.insertInto('external_transactions').values(transactions).execute();
}

/**
 * A user signs in with a provider, connects it, uses it and disconnects it.
 * @param plain for statements that only insert a row, for which no engine looks anything up
 */
export async function useExternal(
  database: Database,
  plain: Queries,
  accountId: AccountId,
  now: number,
): Promise<void> {
  const { queries } = database;
  const shown = { state_hash: hashToken('a state'), browser_hash: hashToken('a browser'), provider: 'acme' };
  const row = {
    ...shown,
    intent: 'sign-in',
    session_id: null,
    next_path: null,
    created_at: now,
    expires_at: now + HOUR,
    seal: hashToken('a seal'),
  };
  await requests.insertRequest(plain, row);
  assert.equal((await requests.findRequest(queries, shown))?.intent, 'sign-in');
  assert.equal(await requests.deleteRequest(queries, shown.state_hash), true);
  assert.equal(await deleteExpired(queries, requests.expiringAuthorizationRequests, now + HOUR + 10, 5), 5);
  const identity = {
    id: newId(now),
    accountId,
    provider: 'acme',
    issuer: ISSUER,
    subject: 'new',
    handle: null,
    verifiedEmailKey: null,
    now,
  };
  await store.insertIdentity(plain, identity);
  assert.equal((await store.findIdentity(queries, ISSUER, 'new'))?.accountId, accountId);
  assert.equal(await store.lockIdentity(queries, identity.id), true);
  await store.noteUse(queries, identity.id, now + 1);
  assert.equal((await store.identitiesOf(queries, accountId)).length, 2);
  assert.equal(await store.deleteIdentity(queries, accountId, identity.id), true);
  await store.deleteIdentitiesOf(queries, accountId);
}

/** Many users with an API token, and as many with a request of a device. */
export async function fillApiTokens(
  queries: Queries,
  ids: readonly Uint8Array[],
  now: number,
): Promise<void> {
  await queries
    .insertInto('api_tokens')
    .values(ids.map((id) => ({ ...apiTokenRow(id, now), last_used_at: null })))
    .execute();
  await queries
    .insertInto('device_grants')
    .values(ids.map((id) => ({ ...deviceGrantRow(id, now), polled_at: null })))
    .execute();
}

function apiTokenRow(accountId: Uint8Array, now: number) {
  return {
    token_hash: randomBytes(32),
    id: idToBytes(newId(now)),
    account_id: accountId,
    name: 'laptop',
    scopes: 'notes:read',
    created_at: now,
    expires_at: now + HOUR,
    seal: hashToken('a seal'),
  };
}

function deviceGrantRow(accountId: Uint8Array, now: number) {
  return {
    id: idToBytes(newId(now)),
    device_code_hash: randomBytes(32),
    user_code: newUserCode(),
    client: 'notes-cli',
    scopes: 'notes:read',
    address: '192.0.2.1',
    user_agent: 'notes-cli/1.0',
    account_id: accountId,
    decision: null,
    created_at: now,
    expires_at: now + HOUR,
    seal: hashToken('a seal'),
  };
}

/** A user creates a token, uses and revokes it, and a device asks for another one. */
export async function useApiTokens(
  database: Database,
  plain: Queries,
  accountId: AccountId,
  now: number,
): Promise<void> {
  const { queries } = database;
  const row = apiTokenRow(idToBytes(accountId), now);
  const id = apiTokenIds.fromBytes(row.id);
  await apiTokens.insertApiToken(plain, row);
  assert.equal((await apiTokens.apiTokenLookUp(database)(row.token_hash))?.name, 'laptop');
  await apiTokens.noteTokenUse(queries, row, now);
  assert.equal((await apiTokens.apiTokensOf(queries, accountId)).length, 1);
  assert.ok(await apiTokens.accountOfApiToken(queries, id));
  assert.equal(await apiTokens.deleteApiToken(queries, accountId, id), true);
  await apiTokens.deleteExpiredApiToken(queries, row.token_hash);
  assert.equal(await apiTokens.deleteApiTokensOf(queries, accountId), 0);
  assert.equal(await deleteExpired(queries, apiTokens.expiringApiTokens, now + HOUR + 10_000, 5), 5);
  const grant = deviceGrantRow(idToBytes(accountId), now);
  await grants.insertGrant(plain, grant);
  for (const key of [
    { id: grant.id },
    { user_code: grant.user_code },
    { device_code_hash: grant.device_code_hash },
  ])
    assert.equal((await grants.findGrant(queries, key))?.client, 'notes-cli');
  const next = { ...grant, decision: 'allowed', seal: hashToken('another seal') };
  assert.equal(await grants.replaceGrant(queries, grant, next, now), true);
  assert.equal(await grants.notePoll(queries, grant.id, now, now), true);
  assert.equal((await grants.grantsOf(queries, accountId)).length, 1);
  assert.equal(await grants.spendGrant(queries, next, now), true);
  await grants.deleteGrant(queries, grant.id);
  await grants.deleteGrantsOf(queries, accountId);
  assert.equal(await grants.deleteExpiredGrants(database)(now + 2 * HOUR, 5), 5);
}
