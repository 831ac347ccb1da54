import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CompiledQuery, type KyselyPlugin } from 'kysely';
import { createAccountLifecycle } from '../../src/auth/accounts/account-lifecycle.ts';
import { createAccounts } from '../../src/auth/accounts/accounts.ts';
import type { AccountId } from '../../src/auth/identifiers/ids.ts';
import { accountIds } from '../../src/auth/identifiers/ids.ts';
import { createOneTimeTokens } from '../../src/auth/one-time-tokens/one-time-tokens.ts';
import { expiringTokens } from '../../src/auth/one-time-tokens/store.ts';
import {
  deletePendingSignIn,
  everyPendingSignInOf,
  expiringPendingSignIns,
  findPendingSignIn,
  insertForUsableAccount,
} from '../../src/auth/required-steps/store.ts';
import type { Checked } from '../../src/auth/sessions/check.ts';
import type { SessionLimits } from '../../src/auth/sessions/session.ts';
import { createSessionTokens } from '../../src/auth/sessions/session-token.ts';
import { createSessions } from '../../src/auth/sessions/sessions.ts';
import { everySessionOf, expiringSessions } from '../../src/auth/sessions/store.ts';
import { deleteDueAccounts } from '../../src/composition/due-deletions.ts';
import { changedAtLookUp, hashLookUp, setPassword } from '../../src/features/passwords/store.ts';
import { createRoles } from '../../src/features/roles/index.ts';
import { rolesOfSessions } from '../../src/features/roles/session-roles.ts';
import { endOtherAccess, tokens } from '../../src/latchkey.ts';
import { formatCursor } from '../../src/library/user-cursor.ts';
import { listUsers, type UserQuery } from '../../src/library/user-list.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { hashToken } from '../../src/platform/crypto/tokens.ts';
import { settingsReader } from '../../src/platform/settings/index.ts';
import { deleteExpired, type EngineName } from '../../src/platform/sql/index.ts';
import { idToBytes, newId } from '../../src/platform/text/uuid.ts';
import { SILENT } from '../attacks/silent-notices.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { accountId } from '../kit/ids.ts';
import { fillApiTokens, fillExternal, sessionRow, useApiTokens, useExternal } from '../kit/rows.ts';
import { reachInside, SECRET_KEY, startSystem } from '../kit/system.ts';
import type { Database, Queries } from '../kit/tables.ts';
import { plainTokens } from '../kit/tokens.ts';
import { sessionRequest, visit } from '../kit/visitor.ts';

const SECRETS = createSecrets([SECRET_KEY]);
const USERS = 2_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A statement that was executed, with its values. */
type Statement = { readonly sql: string; readonly parameters: readonly unknown[] };

/** The same database, with every statement recorded. */
function recording(database: Database, statements: Statement[]): Database {
  const recorder: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      statements.push(database.queries.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const queries = database.queries.withPlugin(recorder);
  return {
    ...database,
    queries,
    lookUp: (query) => {
      const lookUp = database.lookUp(query);
      return (...parameters) => {
        statements.push({ sql: query.sql, parameters });
        return lookUp(...parameters);
      };
    },
  };
}

/** Enough rows that an engine without an index would prefer to read them all. */
async function fill({ queries }: Database, now: number): Promise<string> {
  const tokens = createSessionTokens(SECRETS);
  const newIds = () => Array.from({ length: USERS }, () => idToBytes(newId(now)));
  const [ids, sessionIds] = [newIds(), newIds()];
  const tokenAt = (number: number) => tokens.make(sessionIds[number] ?? new Uint8Array(16));
  const kept = tokenAt(USERS / 2);
  const idAt = (number: number) => ids[number] ?? new Uint8Array(16);
  for (let start = 0; start < USERS; start += 100) {
    const numbers = Array.from({ length: 100 }, (_, offset) => start + offset);
    await queries
      .insertInto('accounts')
      .values(
        numbers.map((number) => ({
          id: idAt(number),
          username: `person ${number}`,
          username_key: `person ${number}`,
          email: `person.${number}@example.org`,
          email_key: `person.${number}@example.org`,
          email_verified_at: null,
          created_at: now,
          disabled_at: null,
          delete_at: null,
        })),
      )
      .execute();
    await queries
      .insertInto('passwords')
      .values(numbers.map((number) => ({ account_id: idAt(number), hash: 'none', changed_at: now })))
      .execute();
    await queries
      .insertInto('sessions')
      .values(
        numbers.map((number) => {
          const token = number === USERS / 2 ? kept : tokenAt(number);
          const id = sessionIds[number] ?? new Uint8Array(16);
          const bound = { account_id: idAt(number), created_at: now, expires_at: now + HOUR + number };
          return sessionRow({ ...bound, id, token_hash: tokens.hash(token, bound) }, now);
        }),
      )
      .execute();
    await fillPendingSignIns(queries, numbers.map(idAt), now + start);
    await fillExternal(queries, numbers.map(idAt), now + start);
    await fillApiTokens(queries, numbers.map(idAt), now + start);
  }
  await fillRoles(queries, now);
  return kept;
}

const RESET = plainTokens('password-reset', HOUR);

/** As many one-time tokens, the last of which is returned. */
async function fillTokens(database: Database, now: number): Promise<string> {
  const { issue } = createOneTimeTokens(database, SECRETS);
  const owners = await database.queries.selectFrom('accounts').select('id').execute();
  return database.transaction(async (transaction) => {
    let last = '';
    for (const { id } of owners)
      last = await issue(transaction, { purpose: RESET, accountId: accountIds.fromBytes(id), data: '' }, now);
    return last;
  });
}

/** The operations on a one-time token during a request. */
async function useToken(database: Database, token: string, now: number): Promise<void> {
  const { read, spend, voidAll } = createOneTimeTokens(database, SECRETS);
  const found = await read(RESET, token, now);
  assert.notEqual(found, null);
  assert.notEqual(await spend(database.queries, RESET, token, now), null);
  assert.equal(await voidAll(database.queries, RESET, accountId(found?.accountId)), 0);
  assert.equal(await deleteExpired(database.queries, expiringTokens, now, 5), 0);
}

async function fillPendingSignIns(queries: Queries, ids: readonly Uint8Array[], now: number): Promise<void> {
  const rows = ids.map((id, number) => ({
    token_hash: hashToken(`${now + number}`),
    account_id: id,
    method: 'password',
    credential: '1',
    is_remembered: 0,
    facts: '[]',
    created_at: now,
    expires_at: now + HOUR + number,
    seal: hashToken('a seal'),
  }));
  await queries.insertInto('pending_sign_ins').values(rows).execute();
}

/** A sign-in waits for a step, is found again, and continues. */
async function waitForAStep(database: Database, accountId: AccountId, now: number): Promise<void> {
  const { queries } = database;
  const tokenHash = hashToken('a token');
  const row = {
    token_hash: tokenHash,
    account_id: idToBytes(accountId),
    method: 'password',
    credential: '1',
    is_remembered: 0,
    next_path: null,
    facts: '[]',
    proven_at: now,
    proven_by: 'password',
    created_at: now,
    expires_at: now + HOUR,
    seal: hashToken('a seal'),
  };
  assert.equal(await insertForUsableAccount(queries, row), true);
  assert.equal((await findPendingSignIn(queries, tokenHash, now))?.credential, '1');
  assert.equal((await everyPendingSignInOf(queries, accountId)).length, 1);
  assert.equal(await deletePendingSignIn(queries, tokenHash), true);
  assert.equal(await deleteExpired(database.queries, expiringPendingSignIns, now + HOUR + 10, 5), 5);
}

const TABLES = [
  ...['accounts', 'passwords', 'sessions', 'one_time_tokens', 'pending_sign_ins'],
  ...['external_identities', 'external_transactions', 'account_roles', 'api_tokens', 'device_grants'],
];
const ANALYSE: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: ['analyze'],
  postgresql: TABLES.map((table) => `analyze latchkey.${table}`),
  mysql: TABLES.map((table) => `analyze table latchkey_${table}`),
};

/** What an engine would do for a statement that is no look-up by an index, in the words of each. */
const READS_ALL: Readonly<Record<EngineName, RegExp>> = {
  sqlite: /\bSCAN\b/,
  postgresql: /\bSeq Scan\b/,
  mysql: /"type":"(?:ALL|index)"/,
};

async function planOf({ engine, queries }: Database, { sql, parameters }: Statement): Promise<string> {
  const word = engine === 'sqlite' ? 'explain query plan' : 'explain';
  const { rows } = await queries.executeQuery(CompiledQuery.raw(`${word} ${sql}`, [...parameters]));
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

const lifecycleOn = (database: Database) =>
  createAccountLifecycle({ database, notices: SILENT, tokens, endOtherAccess, onRefused: () => {} });

/** The operations on an account that its owner or an operator closes, and a change of password. */
async function closeAndDelete(database: Database, id: AccountId, now: number): Promise<void> {
  const lifecycle = lifecycleOn(database);
  const version = Number(await changedAtLookUp(database)(id));
  assert.equal(await setPassword(database.queries, id, { version, hash: 'other', now }), true);
  assert.equal(await lifecycle.disable(id, { now }), true);
  assert.equal(await lifecycle.enable(id), true);
  assert.equal(await lifecycle.requestDeletion(id, now, { now }), true);
  assert.equal(await lifecycle.cancelDeletion(id, now), false);
  const { queries } = database;
  const refused = { isRecent: () => false };
  assert.equal(await deleteDueAccounts({ queries, lifecycle, refused, announce: () => {} })(now, 5), 1);
  assert.equal((await lifecycle.delete(id, { now })).ok, false);
  assert.deepEqual(await everySessionOf(database.queries, id), []);
}

// A look-up is compiled with an empty placeholder, and recorded again with its values when it is used.
const isExecuted = ({ parameters }: Statement) =>
  !parameters.some((value) => value instanceof Uint8Array && value.length === 0);

async function assertIndexed(database: Database, statements: readonly Statement[]): Promise<void> {
  const withoutIndex = database.queries.selectFrom('accounts').select('id').where('created_at', '<', 0);
  const plan = await planOf(database, withoutIndex.compile());
  assert.match(plan, READS_ALL[database.engine], 'one without is noticed');
  assert.ok(statements.length >= 7);
  for (const statement of statements.filter(isExecuted)) {
    const plan = await planOf(database, statement);
    assert.doesNotMatch(plan, READS_ALL[database.engine], `${statement.sql}\n${plan}`);
  }
}

const ROLES = settingsReader({ roles: ['member', 'admin'] });

/** @param plain for the sub-select, which is recorded as a part of its statement */
async function checkWithRoles(
  database: Database,
  plain: Database,
  limits: SessionLimits,
  token: string,
  now: number,
): Promise<void> {
  const roles = rolesOfSessions(ROLES);
  assert.ok(roles !== null);
  const subSelect = { ...roles, select: () => roles.select(plain) };
  await createSessions(database, SECRETS, limits, async () => {}, subSelect).check(token, visit(now));
}

/** All are readers, every twentieth is a member, one is an administrator, and a few are disabled or to be deleted. */
async function fillRoles(queries: Queries, now: number): Promise<void> {
  const ids = (await queries.selectFrom('accounts').select('id').orderBy('id').execute()).map(({ id }) => id);
  const rows = ids.flatMap((id, number) => {
    const roles = ['reader', ...(number % 20 === 0 ? ['member'] : []), ...(number === 7 ? ['admin'] : [])];
    return roles.map((role) => ({ id: idToBytes(newId(now)), account_id: id, role, granted_at: now }));
  });
  for (let start = 0; start < rows.length; start += 100)
    await queries
      .insertInto('account_roles')
      .values(rows.slice(start, start + 100))
      .execute();
  await queries
    .updateTable('accounts')
    .set({ disabled_at: now })
    .where('id', 'in', ids.slice(0, 5))
    .execute();
  await queries
    .updateTable('accounts')
    .set({ delete_at: now + HOUR })
    .where('id', 'in', ids.slice(5, 9))
    .execute();
}

/** An administrator pages through accounts in every order. */
async function listInEveryOrder(database: Database): Promise<void> {
  const roles = createRoles({ database, accounts: createAccounts(database) }, ROLES);
  const list = (query: UserQuery) => listUsers({ database, roles }, { limit: 2, ...query });
  const [first] = (await list({ role: 'member' })).users;
  const after = formatCursor({ order: 'created', value: String(first?.id), id: accountId(first?.id) });
  assert.equal((await list({ after })).users.length, 2);
  for (const query of [
    { search: 'person 1' },
    { search: 'PERSON.1' },
    { search: 'person 1', role: 'member', state: 'active' },
    { role: 'member' },
    { state: 'disabled' },
    { state: 'leaving' },
  ] as const) {
    const { users, next } = await list(query);
    assert.equal(users.length, 2, JSON.stringify(query));
    assert.equal((await list({ ...query, after: String(next) })).users.length, 2, JSON.stringify(query));
  }
  for (const query of [{ role: 'admin' }, { search: 'person.10@example' }])
    assert.equal((await list(query)).users.length, 1);
}

const userOf = (checked: Checked) => checked !== null && 'signedIn' in checked && checked.signedIn.user.id;

onEveryDatabase('every statement that a request runs', (engine) => {
  it('finds its rows by an index', async () => {
    await using system = await startSystem({}, engine);
    const now = system.clock.read();
    const { database } = reachInside(system, 'no public function tells which statements it runs').core;
    const token = await fill(database, now);
    const oneTimeToken = await fillTokens(database, now);
    for (const statement of ANALYSE[database.engine])
      await database.queries.executeQuery(CompiledQuery.raw(statement));
    const statements: Statement[] = [];
    const recorded = recording(database, statements);
    const accounts = createAccounts(recorded);
    const span = { idle: HOUR, lifetime: HOUR };
    const limits = { ...span, remembered: span, rotate: 20 * MINUTE, perAccount: 1 };
    const sessions = createSessions(recorded, SECRETS, limits, async () => {});
    // The sign-in look-up, by name and by address; the session check, with and without “last seen”, with another token,
    // with the replaced one before and after its successor was used; fresh authentication, another sign-in, the list, the
    // sign-outs.
    const id = accountId(await accounts.find('Person 1000'));
    assert.equal(await accounts.find('person.1000@example.org'), id);
    assert.equal((await hashLookUp(recorded)(id))?.hash, 'none');
    for (const later of [0, 5 * MINUTE])
      assert.equal(userOf(await sessions.check(token, visit(now + later))), id);
    const replaced = await sessions.check(token, visit(now + 20 * MINUTE));
    assert.equal(userOf(replaced), id);
    for (const later of [20 * MINUTE + 1, 21 * MINUTE])
      assert.equal(userOf(await sessions.check(token, visit(now + later))), id);
    const successor = replaced !== null && 'successor' in replaced ? String(replaced.successor) : '';
    assert.equal(userOf(await sessions.check(successor, visit(now + 21 * MINUTE))), id);
    assert.ok('stolen' in ((await sessions.check(token, visit(now + 22 * MINUTE))) ?? {}));
    const begun = await sessions.begin(sessionRequest(id), now);
    assert.equal(begun?.isAfterTheft, true);
    const [listed] = await sessions.list(id, now);
    assert.ok(listed !== undefined && listed.id === begun?.sessionId);
    await sessions.renew({ user: { id }, session: listed }, now, { by: 'password' });
    assert.equal(await sessions.endOthers(id, listed.id), 0);
    assert.equal(await sessions.end(id, listed.id), true);
    assert.equal(await lifecycleOn(recorded).signOut(id), 0);
    await deleteExpired(database.queries, expiringSessions, now + HOUR + 10, 5);
    await useToken(recorded, oneTimeToken, now);
    await waitForAStep(recorded, id, now);
    await useExternal(recorded, database.queries, id, now);
    await useApiTokens(recorded, database.queries, id, now);
    await closeAndDelete(recorded, id, now);
    await checkWithRoles(recorded, database, limits, token, now);
    await listInEveryOrder(recorded);

    await assertIndexed(database, statements);
  });
});
