import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { tokens } from '../../src/latchkey.ts';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { idToBytes, newId } from '../../src/platform/text/uuid.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { acme, goToProvider, returnFromProvider, startTwinProvider } from '../kit/federation.ts';
import {
  ADDRESS,
  mailsOf,
  OPTIONAL,
  RESET,
  requestReset,
  requestResetPath,
  startWithAda,
} from '../kit/mailed-links.ts';
import { PENDING, rowsIn, signInUpToStep, startWithStep } from '../kit/sign-in-steps.ts';
import { existingAccountId, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import type { AllTables } from '../kit/tables.ts';
import { plainTokens } from '../kit/tokens.ts';
import { ADA, BEN, presentToken, registerAndSignIn, SESSION } from '../kit/visitor.ts';

// The attacker can write to the database and knows the source code, but not SECRET_KEY.

const MALLORY = { username: 'Mallory', password: 'a hundred quiet marble stairs' };

const coreOf = (system: TestSystem) =>
  reachInside(system, 'the attacker writes to the database, past all pages').core;

const sha256 = (text: string) => createHash('sha256').update(text).digest();

async function idOf(system: TestSystem, { username }: { readonly username: string }): Promise<Uint8Array> {
  return idToBytes(await existingAccountId(system, username));
}

/** Changes that an attacker may want to make to the row of a token. */
const CHANGES = ['account_id', 'purpose', 'data', 'issued_at', 'expires_at'] as const;

onEveryDatabase('a row that was written without SECRET_KEY', (engine) => {
  it('A69 I20 is not accepted as a session', async () => {
    await using system = await startSystem({}, engine);
    await registerAndSignIn(system.visitor());
    const { queries } = coreOf(system).database;
    const row = await queries.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
    const id = idToBytes(newId(system.clock.read()));
    const token = Buffer.concat([id, randomBytes(32)]).toString('base64url') + 'A'.repeat(43);
    await queries
      .insertInto('sessions')
      .values({ ...row, id, token_hash: sha256(token) })
      .execute();
    assert.equal((await presentToken(system, token)).status, 401);
  });

  it('A69 I20 does not turn a session of one account into a session of another', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const mallory = await registerAndSignIn(system.visitor(), MALLORY);
    const token = mallory.cookies.get(SESSION) ?? '';
    assert.equal((await presentToken(system, token)).status, 200, 'the own one works');
    const { queries } = coreOf(system).database;
    await queries
      .updateTable('sessions')
      .set({ account_id: await idOf(system, ADA) })
      .execute();
    assert.equal((await presentToken(system, token)).status, 401);
  });

  it('A69 does not extend a session beyond its lifetime when it is restored with later times', async () => {
    await using system = await startSystem({}, engine);
    const ada = await registerAndSignIn(system.visitor());
    const token = ada.cookies.get(SESSION) ?? '';
    const { queries } = coreOf(system).database;
    const row = await queries.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
    await ada.signOut();
    system.clock.advance(40 * DAY);
    const now = system.clock.read();
    const later = { created_at: now, expires_at: now + DAY };
    const seen = { last_seen_at: now, token_issued_at: now };
    for (const changed of [later, { expires_at: later.expires_at }, { created_at: now }, {}]) {
      await queries
        .insertInto('sessions')
        .values({ ...row, ...seen, ...changed })
        .execute();
      assert.equal((await presentToken(system, token)).status, 401, Object.keys(changed).join());
      await queries.deleteFrom('sessions').execute();
    }
  });

  it('A69 is not accepted as a one-time token of any purpose', async () => {
    await using system = await startSystem({}, engine);
    await system.visitor().register(ADA.username, ADA.password);
    const { database, oneTimeTokens } = coreOf(system);
    const [account_id, now] = [await idOf(system, ADA), system.clock.read()];
    for (const { name } of tokens) {
      const purpose = plainTokens(name, HOUR);
      const token = newToken();
      const row = { token_hash: sha256(token), purpose: name, account_id, data: '', issued_at: now };
      const seal = sha256(JSON.stringify(['one_time_tokens', token]));
      await database.queries
        .insertInto('one_time_tokens')
        .values({ ...row, expires_at: now + HOUR, seal })
        .execute();
      assert.equal(await oneTimeTokens.read(purpose, token, now), null, name);
      assert.equal(await oneTimeTokens.spend(database.queries, purpose, token, now), null, name);
      const accountId = await existingAccountId(system, ADA.username);
      assert.deepEqual(await oneTimeTokens.ofAccount(purpose, accountId, now), [], name);
    }
  });

  it('A69 invalidates a one-time token, whichever of its columns it changes', async () => {
    await using system = await startSystem({}, engine);
    for (const { username, password } of [ADA, BEN]) await system.visitor().register(username, password);
    const { database, oneTimeTokens } = coreOf(system);
    const now = system.clock.read();
    const purpose = plainTokens('password-reset', HOUR);
    const magic = plainTokens('magic-link', HOUR);
    const bens = { purpose, accountId: await existingAccountId(system, BEN.username), data: '' };
    const to = {
      account_id: await idOf(system, ADA),
      purpose: magic.name,
      data: 'ada@example.org',
      issued_at: now + 1,
      expires_at: now + 2 * HOUR,
    };
    for (const column of CHANGES) {
      const token = await oneTimeTokens.issue(database.queries, bens, now);
      assert.notEqual(await oneTimeTokens.read(purpose, token, now), null);
      await database.queries
        .updateTable('one_time_tokens')
        .set({ [column]: to[column] })
        .where('token_hash', '=', sha256(token))
        .execute();
      for (const one of [purpose, magic]) {
        assert.equal(await oneTimeTokens.read(one, token, now), null, column);
        assert.equal(await oneTimeTokens.spend(database.queries, one, token, now), null, column);
      }
    }
  });

  it('A69 does not turn a reset link of one account into a reset link of another', async () => {
    await using system = await startWithAda(engine, OPTIONAL);
    const { queries } = coreOf(system).database;
    const path = await requestResetPath(system);
    await system.visitor().register(BEN.username, BEN.password);
    const opened = async () => {
      const visitor = system.visitor();
      await visitor.get(path);
      return (await visitor.get(RESET)).status;
    };
    assert.equal(await opened(), 200);
    await queries
      .updateTable('one_time_tokens')
      .set({ account_id: await idOf(system, BEN) })
      .execute();
    assert.equal(await opened(), 410);
  });

  it('A69 is not accepted as a pending sign-in, and does not move one to another account', async () => {
    await using started = await startWithStep(engine);
    const { system, step } = started;
    const waiting = await signInUpToStep(started);
    const { queries } = coreOf(system).database;
    const [row] = await rowsIn(system, 'pending_sign_ins');
    assert.ok(row !== undefined && 'facts' in row);
    assert.equal((await waiting.get(step.path)).status, 200);
    const attacker = system.visitor();
    const token = newToken();
    attacker.cookies.set(PENDING, token);
    await queries
      .insertInto('pending_sign_ins')
      .values({ ...row, token_hash: sha256(token) })
      .execute();
    assert.equal((await attacker.get(step.path)).location, '/login');
    await queries
      .updateTable('pending_sign_ins')
      .set({ account_id: await idOf(system, BEN), credential: row.credential })
      .execute();
    assert.equal((await waiting.get(step.path)).location, '/login');
  });

  it('A69 invalidates an authorization request, whichever of its columns it changes', async () => {
    await using provider = await startTwinProvider();
    await using system = await startSystem(acme(provider), engine);
    const { queries } = coreOf(system).database;
    const finish = async (change: Partial<AllTables['external_transactions']>) => {
      const visitor = system.visitor();
      const page = await goToProvider(visitor);
      await queries
        .updateTable('external_transactions')
        .set({ provider: 'acme', ...change })
        .execute();
      return (await returnFromProvider(visitor, await provider.signIn(page))).location;
    };
    assert.match(String(await finish({})), /^\/register\/connected/, 'unchanged');
    const changes = [
      { intent: 'confirm' },
      { next_path: '/account' },
      { created_at: 1 },
      { expires_at: 9e12 },
    ];
    for (const change of changes) assert.equal(await finish(change), '/login', JSON.stringify(change));
  });

  it('A69 sends no mail to another recipient', async () => {
    await using system = await startWithAda(engine, OPTIONAL);
    await requestReset(system, system.visitor(), ADDRESS);
    const { queries } = coreOf(system).database;
    await queries.updateTable('mail_outbox').set({ recipient: 'mallory@example.org' }).execute();
    const mails = await mailsOf(system, 'reset-password');
    assert.deepEqual(
      mails.filter(({ text }) => /token=/.test(text)),
      [],
    );
  });
});
