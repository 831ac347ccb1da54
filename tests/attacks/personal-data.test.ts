import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emails } from '../../src/auth/definitions.ts';
import { personalDataOfAuth } from '../../src/features/accounts/personal-data.ts';
import { federatedLoginIds } from '../../src/features/external-sign-in/federated-login-id.ts';
import {
  bindFederatedLogin,
  insertFederatedLogin,
} from '../../src/features/external-sign-in/store/federated-logins.ts';
import { insertIdentity } from '../../src/features/external-sign-in/store/identities.ts';
import { insertPasskey } from '../../src/features/passkeys/store.ts';
import { insertCodes } from '../../src/features/recovery-codes/store.ts';
import { insertDevice } from '../../src/features/remembered-devices/store.ts';
import { insertFactor } from '../../src/features/second-factors/index.ts';
import { insertDeadline } from '../../src/features/second-factors/policy/deadlines.ts';
import { insertRecovery } from '../../src/features/second-factors/recovery-store.ts';
import { insertRemoved } from '../../src/features/second-factors/removed-store.ts';
import { insertSecret } from '../../src/features/totp/store.ts';
import { readTables } from '../../src/operations/copy/tables.ts';
import { occasionWithoutDevice } from '../../src/platform/mail/index.ts';
import { HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { idToBytes, newId } from '../../src/platform/text/uuid.ts';
import { beginDevice, enterCode, plantApiToken, WITH_TOKENS } from '../kit/api-tokens.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { sessionId } from '../kit/ids.ts';
import { createTestStep } from '../kit/sign-in-steps.ts';
import {
  accountIdOf,
  existingAccountId,
  reachInside,
  settleAudit,
  startSystem,
  type TestSystem,
  usersOf,
} from '../kit/system.ts';
import { plainTokens } from '../kit/tokens.ts';
import { ADA, BEN, type Visitor } from '../kit/visitor.ts';

const PAGE = '/account/export';
const PURPOSE = plainTokens('email-change', MINUTE);

const coreOf = (system: TestSystem) =>
  reachInside(system, 'no pages fill every table that holds personal data').core;

/** Sends the request of a browser; the test decides when the body is read. */
async function askAs(
  system: TestSystem,
  { cookies }: Visitor,
  path: string,
  method = 'GET',
): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return system.fetch(
    new Request(new URL(path, system.origin), { method, headers: { accept: 'text/html', cookie } }),
  );
}

async function registered(system: TestSystem) {
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password, 'ada@example.org');
  await system.visitor().register(BEN.username, BEN.password, 'ben@example.org');
  await system.visitor().signIn(BEN.username, BEN.password);
  await ada.signIn(ADA.username, ADA.password);
  const { oneTimeTokens, database } = coreOf(system);
  const accountId = await accountIdOf(system, ADA.username);
  const token = { purpose: PURPOSE, accountId, data: 'ada.new@example.org' };
  await oneTimeTokens.issue(database.queries, token, system.clock.read());
  return ada;
}

async function queueMail(system: TestSystem): Promise<void> {
  const core = coreOf(system);
  const now = system.clock.read();
  const accountId = await accountIdOf(system, ADA.username);
  await core.mail.queue(core.database.queries, {
    to: 'ada@example.org',
    ownerId: accountId,
    email: emails.accountDisabled.with({ username: ADA.username }),
    occasion: occasionWithoutDevice(now),
  });
}

async function connectProvider(system: TestSystem): Promise<void> {
  const core = coreOf(system);
  const accountId = await existingAccountId(system, ADA.username);
  const now = system.clock.read();
  const identity = { provider: 'acme', issuer: 'https://id.example.org', subject: 'ada', handle: 'ada' };
  const verifiedEmailKey = 'ada@example.org';
  const row = { id: newId(now), accountId, ...identity, verifiedEmailKey, now };
  await insertIdentity(core.database.queries, row);
  const [session] = await core.sessions.list(accountId, now);
  const login = {
    id: federatedLoginIds.create(now),
    ...identity,
    sidHash: null,
    roles: ['staff'],
    kept: null,
  };
  await insertFederatedLogin(core.database.queries, {
    ...login,
    authenticatedAt: now,
    now,
    expiresAt: now + MINUTE,
  });
  const binding = { accountId, sessionId: sessionId(session?.id), kept: null, expiresAt: now + MINUTE };
  assert.equal(await bindFederatedLogin(core.database.queries, login.id, binding), true);
}

async function addSecondFactors(system: TestSystem): Promise<void> {
  const { queries } = coreOf(system).database;
  const accountId = await existingAccountId(system, ADA.username);
  const now = system.clock.read();
  const factorId = await insertFactor(queries, accountId, { kind: 'totp', now });
  await insertSecret(queries, accountId, { factorId, sealed: new Uint8Array(48), lastStep: 1 });
  const listId = await insertFactor(queries, accountId, { kind: 'recovery-codes', now });
  await insertCodes(queries, { listId, accountId }, ['0123-4567-89AB-CDEF']);
  const passkeysId = await insertFactor(queries, accountId, { kind: 'passkey', now, isUnasked: true });
  const created = {
    credentialId: 'b3du',
    publicKey: new Uint8Array(77),
    counter: 0,
    transports: ['internal'],
    name: 'Phone',
    isSynced: true,
    isBackedUp: true,
    aaguid: newId(now),
  };
  await insertPasskey(queries, { accountId, factorId: passkeysId }, created, now);
  const times = { addedAt: now, lastUsedAt: now, unaskedSince: now };
  const removed = { id: newId(now), kind: 'totp', ...times, saved: new Uint8Array(48) };
  const recovery = {
    id: '0123456789abcdef',
    requestedAt: now,
    dueAt: now,
    expiresAt: now,
    nextNoticeAt: now,
  };
  await insertRecovery(queries, accountId, recovery);
  await insertRemoved(queries, accountId, { ...removed, removedAt: now, expiresAt: now + HOUR });
  await insertDeadline(queries, accountId, now);
  await insertDevice(queries, {
    token_hash: new Uint8Array(32),
    id: idToBytes(newId(now)),
    account_id: idToBytes(accountId),
    user_agent: 'a browser',
    created_at: now,
    expires_at: now + MINUTE,
    seal: new Uint8Array(32),
  });
}

/** Values of the database that must not leave it. */
async function proofsIn(system: TestSystem): Promise<readonly string[]> {
  const { queries } = coreOf(system).database;
  const hashes = await queries.selectFrom('passwords').select('hash').execute();
  const sessions = await queries.selectFrom('sessions').select('token_hash').execute();
  const tokens = await queries.selectFrom('one_time_tokens').select('token_hash').execute();
  const bytes = [...sessions, ...tokens].map(({ token_hash }) => Buffer.from(token_hash));
  return [
    ...hashes.map(({ hash }) => hash),
    ...bytes.flatMap((hash) => [hash.toString('hex'), hash.toString('base64'), hash.toString('base64url')]),
  ];
}

onEveryDatabase('the export of personal data', (engine) => {
  it('contains everything that is stored about the user, and nothing about another user', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const answer = await ada.get(PAGE, { 'user-agent': 'a browser' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="account-2026-01-01.json"');
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const { account, sessions, oneTimeTokens, password, exportedAt } = JSON.parse(answer.body);
    const now = '2026-01-01T12:00:00.000Z';
    assert.deepEqual(account, {
      id: await accountIdOf(system, ADA.username),
      username: 'Ada',
      email: 'ada@example.org',
      emailVerifiedAt: null,
      createdAt: now,
      disabledAt: null,
      deleteAt: null,
      devicesForgottenAt: null,
    });
    assert.deepEqual(
      [password, exportedAt],
      [{ changedAt: now, foundBreachedAt: null, consecutiveFailures: 0, disabledAt: null }, now],
    );
    const link = { purpose: 'email-change', about: 'ada.new@example.org' };
    const confirmation = { purpose: 'email-confirmation', about: 'ada@example.org' };
    const links = oneTimeTokens.toSorted((one: typeof link, other: typeof link) =>
      one.purpose.localeCompare(other.purpose),
    );
    assert.deepEqual(links, [
      { ...link, issuedAt: now, expiresAt: '2026-01-01T12:01:00.000Z' },
      { ...confirmation, issuedAt: now, expiresAt: '2026-01-02T12:00:00.000Z' },
    ]);
    assert.equal(sessions.length, 1);
    assert.equal(sessions[0].method, 'password');
    assert.doesNotMatch(answer.body, /Ben|ben@/);
  });

  it('A57: contains no hash and no token', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const { body } = await ada.get(PAGE);
    for (const proof of [...(await proofsIn(system)), String(ada.cookies.get('latchkey')), ADA.password])
      assert.ok(!body.includes(proof));
  });

  it('A38: requires the password again when it was given too long ago', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    system.clock.advance(10 * MINUTE);
    const confirm = '/account/confirm?next=%2Faccount%2Fexport';
    assert.equal((await ada.get(PAGE)).location, confirm);
    assert.equal((await ada.get(PAGE, { accept: 'application/json' })).status, 401);
    assert.equal((await ada.submit(confirm, { next: PAGE, password: ADA.password })).location, '/account');
    assert.equal((await ada.get(PAGE)).status, 200);
    const reported = system.events.filter(({ type }) => type === 'data-exported');
    assert.equal(reported.length, 1);
  });

  it('A17: is about the signed-in user, whatever the URL says', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    const ben = await accountIdOf(system, BEN.username);
    const { account } = JSON.parse((await ada.get(`${PAGE}?id=${ben}&username=Ben`)).body);
    assert.equal(account.username, ADA.username);
  });
});

/** Inserts records about a user that look as if the system had written them. */
async function insertRecords(system: TestSystem, count: number): Promise<void> {
  const { database, audit } = coreOf(system);
  await audit.settle();
  const [row] = await database.queries.selectFrom('audit_events').selectAll().limit(1).execute();
  assert.ok(row !== undefined);
  const account_id = idToBytes(await existingAccountId(system, ADA.username));
  const rows = Array.from({ length: count }, (_, number) => ({
    ...row,
    account_id,
    sequence: 1_000 + number,
    details: `{"number":${number}}`,
  }));
  for (let start = 0; start < count; start += 500)
    await database.queries
      .insertInto('audit_events')
      .values(rows.slice(start, start + 500))
      .execute();
}

function numbersIn(body: string): readonly number[] {
  const { securityEvents } = JSON.parse(body);
  return securityEvents.flatMap(({ details }: { details: { number?: number } }) => details.number ?? []);
}

const descendingFrom = (first: number, count: number) => Array.from({ length: count }, (_, at) => first - at);

onEveryDatabase('the export of many records', (engine) => {
  it('A63 I23 is sent in batches, each read when the one before has been taken', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    await insertRecords(system, 1_250);
    const response = await askAs(system, ada, PAGE);
    const reader = response.body?.getReader();
    assert.ok(reader !== undefined);
    const chunks: string[] = [];
    const next = async () => Buffer.from((await reader.read()).value ?? []).toString();
    for (let chunk = await next(); chunk !== ''; chunk = await next()) {
      if (chunk.includes('"number":1249')) {
        // Older records are not in memory until they are read: if they are deleted now, they are not in the file.
        const { queries } = coreOf(system).database;
        await queries.deleteFrom('audit_events').where('sequence', '<', 1_500).execute();
      }
      chunks.push(chunk);
    }
    assert.deepEqual(numbersIn(chunks.join('')), descendingFrom(1_249, 750));
  });

  it('A63 contains each record once, the newest first', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registered(system);
    await insertRecords(system, 1_000);
    assert.deepEqual(numbersIn((await ada.get(PAGE)).body), descendingFrom(999, 1_000));
  });
});

describe('the export of personal data', () => {
  it('A63 I23 is made five times an hour for one account, and then refused with the time to wait', async () => {
    await using system = await startSystem();
    const ada = await registered(system);
    for (let number = 0; number < 5; number += 1) assert.equal((await ada.get(PAGE)).status, 200);
    const refused = await ada.get(PAGE);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '3600']);
    assert.match(refused.body, /<h1>No further download now<\/h1>/);
    assert.equal((await ada.get(PAGE, { accept: 'application/json' })).status, 429);
    const ben = system.visitor();
    await ben.signIn(BEN.username, BEN.password);
    assert.equal((await ben.get(PAGE)).status, 200);
    const reported = system.events.filter(({ type }) => type === 'data-exported');
    assert.equal(reported.length, 6);
  });

  it('A63 is refused for a page of a third-party site, which would use up the limit', async () => {
    await using system = await startSystem();
    const ada = await registered(system);
    for (const site of ['cross-site', 'same-site', 'cross-site', 'same-site', 'cross-site', 'same-site'])
      assert.equal((await ada.get(PAGE, { 'sec-fetch-site': site })).location, '/account');
    assert.equal((await ada.get(PAGE, { 'sec-fetch-site': 'same-origin' })).status, 200);
  });

  it('A63 I23 is made once at a time for one account, also where the client stops reading', async () => {
    await using system = await startSystem();
    const ada = await registered(system);
    const first = await askAs(system, ada, PAGE);
    const second = await ada.get(PAGE);
    assert.deepEqual([second.status, second.headers.get('retry-after')], [429, '30']);
    assert.match(second.body, /A download of your data is in progress/);
    const breakOff = async ({ body }: Response) => {
      const reader = body?.getReader();
      await reader?.read();
      await reader?.cancel();
    };
    await breakOff(first);
    assert.equal((await ada.get(PAGE)).status, 200, 'the first was broken off');
    const stalled = await askAs(system, ada, PAGE);
    system.clock.advance(30_000);
    const next = await askAs(system, ada, PAGE);
    assert.equal(next.status, 200);
    await breakOff(stalled);
    assert.equal(
      (await ada.get(PAGE)).status,
      429,
      'the end of the one that stalled is not that of the next',
    );
    await breakOff(next);
    assert.equal((await ada.get(PAGE)).status, 200);
  });

  it('A63 can be made again at once when its body was cancelled before the first chunk', async () => {
    await using system = await startSystem();
    const ada = await registered(system);
    await (await askAs(system, ada, PAGE)).body?.cancel();
    assert.equal((await ada.get(PAGE)).status, 200);
  });

  it('A63 is neither made nor counted by a HEAD request, which gets the same head', async () => {
    await using system = await startSystem();
    const ada = await registered(system);
    const heads: Response[] = [];
    for (let number = 0; number < 6; number += 1) heads.push(await askAs(system, ada, PAGE, 'HEAD'));
    for (const { status } of heads) assert.equal(status, 200);
    const answer = await ada.get(PAGE);
    assert.equal(answer.status, 200);
    for (const name of ['content-type', 'content-disposition'])
      assert.equal(heads[0]?.headers.get(name), answer.headers.get(name));
    const reported = system.events.filter(({ type }) => type === 'data-exported');
    assert.equal(reported.length, 1);
  });
});

describe('every column about a user', () => {
  it('is in the export of personal data, or is left out for a stated reason', async () => {
    const step = createTestStep();
    const options = { roles: 'editor', ...WITH_TOKENS };
    await using system = await startSystem(options, undefined, { features: step.features });
    const ada = await registered(system);
    await plantApiToken(system);
    await enterCode(ada, (await beginDevice(system)).user_code);
    await usersOf(system).update(String(await accountIdOf(system, ADA.username)), {
      roles: ['editor'],
      by: 'a test',
    });
    await settleAudit(system);
    step.blocked.add(await existingAccountId(system, ADA.username));
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, step.path);
    const core = coreOf(system);
    await queueMail(system);
    await connectProvider(system);
    await addSecondFactors(system);
    const exported = JSON.parse((await ada.get(PAGE)).body);
    const parts = [...personalDataOfAuth(core), ...core.slots().personalData];
    const aboutUsers = (await readTables()).filter(
      ({ name, columns }) => name === 'accounts' || 'account_id' in columns,
    );
    assert.deepEqual(parts.map(({ table }) => table).sort(), aboutUsers.map(({ name }) => name).sort());
    for (const { name, table, leftOut } of parts) {
      const [reported] = [exported[name]].flat();
      assert.ok(reported, `${table}: give Ada a row of it in this test, so that its columns can be compared`);
      const columns = Object.keys(aboutUsers.find((one) => one.name === table)?.columns ?? {});
      const kept = columns.filter((column) => !(column in leftOut));
      assert.equal(Object.keys(reported).length, kept.length, `${table}: ${kept.join(', ')}`);
      for (const reason of Object.values(leftOut)) assert.ok(reason.length > 10, table);
    }
  });
});
