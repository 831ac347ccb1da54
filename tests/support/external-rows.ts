import assert from 'node:assert/strict';
import type { Database } from '../../src/core/database/database.ts';
import type { Queries } from '../../src/core/database/schema.ts';
import { idToBytes, newId } from '../../src/core/identifiers/uuid.ts';
import { hashToken } from '../../src/core/tokens.ts';
import * as store from '../../src/features/external-sign-in/store.ts';

const HOUR = 3_600_000;
const ISSUER = 'https://id.example.org';

/** Many people who have connected a site, and as many who are on their way to it. */
export async function fillExternal(queries: Queries, ids: readonly Uint8Array[], now: number): Promise<void> {
  const identities = ids.map((id, number) => ({
    id: idToBytes(newId(now)),
    account_id: id,
    provider: 'acme',
    issuer: ISSUER,
    subject: `person ${now} ${number} ${Buffer.from(id).toString('hex')}`,
    handle: null,
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
  }));
  await queries.insertInto('external_identities').values(identities).execute();
  await queries.insertInto('external_transactions').values(transactions).execute();
}

/**
 * Somebody goes to a provider and comes back, connects it, uses it and disconnects it.
 * @param plain for what only adds a row, which no engine looks anything up for
 */
export async function useExternal(
  database: Database,
  plain: Queries,
  accountId: string,
  now: number,
): Promise<void> {
  const { queries } = database;
  const shown = { stateHash: hashToken('a state'), browserHash: hashToken('a browser'), provider: 'acme' };
  const row = {
    ...shown,
    intent: 'sign-in',
    sessionId: null,
    next: null,
    now,
    expiresAt: now + HOUR,
  } as const;
  await store.insertTransaction(plain, row);
  assert.equal((await store.findTransaction(queries, shown, now))?.intent, 'sign-in');
  assert.equal(await store.deleteTransaction(queries, shown.stateHash), true);
  assert.equal(await store.deleteExpiredTransactions(database, now + HOUR + 10, 5), 5);
  const identity = {
    id: newId(now),
    accountId,
    provider: 'acme',
    issuer: ISSUER,
    subject: 'new',
    handle: null,
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
