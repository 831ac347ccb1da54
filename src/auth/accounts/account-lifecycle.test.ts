import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { accountId } from '../../../tests/kit/ids.ts';
import { existingAccountId, reachInside, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { ADA, sessionRequest, visit } from '../../../tests/kit/visitor.ts';
import { DAY } from '../../platform/runtime/clock.ts';
import type { AccountId } from '../identifiers/ids.ts';
import { deleteAccount } from './store.ts';

const UNKNOWN_ID = accountId('00000000-0000-7000-8000-000000000000');

/** How often each of twenty calls at once says that it was the one. */
async function winners(call: () => Promise<boolean>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 20 }, call));
  return answers.filter(Boolean).length;
}

const coreOf = (system: TestSystem) =>
  reachInside(system, 'no page calls a single function of the lifecycle').core;

async function register(system: TestSystem): Promise<AccountId> {
  await system.visitor().register(ADA.username, ADA.password);
  return existingAccountId(system, ADA.username);
}

async function rowsOf(system: TestSystem, table: 'accounts' | 'passwords' | 'sessions'): Promise<number> {
  return (await coreOf(system).database.queries.selectFrom(table).selectAll().execute()).length;
}

onEveryDatabase('the account lifecycle', (engine) => {
  it('applies a change once when twenty calls ask for it at once', async () => {
    await using system = await startSystem({}, engine);
    const id = await register(system);
    const { lifecycle } = coreOf(system);
    const now = system.clock.read();
    assert.equal(await winners(() => lifecycle.disable(id, { now })), 1);
    assert.equal(await winners(() => lifecycle.enable(id)), 1);
    assert.equal(await winners(() => lifecycle.requestDeletion(id, now + DAY, { now })), 1);
    assert.equal(await winners(() => lifecycle.cancelDeletion(id, now)), 1);
    assert.equal(await winners(async () => (await lifecycle.delete(id, { now })).ok), 1);
    for (const answer of [
      lifecycle.disable(UNKNOWN_ID, { now }),
      lifecycle.enable(UNKNOWN_ID),
      lifecycle.requestDeletion(UNKNOWN_ID, now, { now }),
    ])
      assert.equal(await answer, false);
    assert.deepEqual(await lifecycle.delete(UNKNOWN_ID, { now }), { ok: false, reason: 'not-found' });
  });

  it('A12: revives no session that began while the account was being closed', async () => {
    await using system = await startSystem({}, engine);
    const id = await register(system);
    const { lifecycle, sessions, database } = coreOf(system);
    const now = system.clock.read();
    for (const [close, open] of [
      [() => lifecycle.disable(id, { now }), () => lifecycle.enable(id)],
      [() => lifecycle.requestDeletion(id, now + DAY, { now }), () => lifecycle.cancelDeletion(id, now)],
    ] as const) {
      const begun = await sessions.begin(sessionRequest(id), now);
      assert.ok(begun !== null);
      const row = await database.queries.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
      await close();
      assert.equal(await rowsOf(system, 'sessions'), 0);
      // What an INSERT leaves that looked at the account before it was closed, and was done afterwards.
      await database.queries.insertInto('sessions').values(row).execute();
      assert.equal(await sessions.check(begun.token, visit(now)), null);
      await open();
      assert.equal(await rowsOf(system, 'sessions'), 0);
    }
  });

  it('A12: begins no session for an account that is being deleted, and causes no error', async () => {
    await using system = await startSystem({}, engine);
    const id = await register(system);
    const { sessions, database } = coreOf(system);
    const [begun] = await database.transaction(async (transaction) => {
      await deleteAccount(transaction, id);
      // It still finds the account, and then waits for what becomes of it.
      const beginning = sessions.begin(sessionRequest(id), system.clock.read());
      for (let turn = 0; turn < 20; turn += 1)
        await transaction.selectFrom('accounts').select('id').execute();
      return [beginning];
    });
    assert.equal(await begun, null);
    assert.equal(await rowsOf(system, 'sessions'), 0);
  });

  it('cancels a deletion up to the millisecond before it is due, but not for a disabled account', async () => {
    await using system = await startSystem({}, engine);
    const id = await register(system);
    const { lifecycle } = coreOf(system);
    const start = system.clock.read();
    await lifecycle.requestDeletion(id, start + DAY, { now: system.clock.read() });
    assert.equal(
      await lifecycle.requestDeletion(id, start + 2 * DAY, { now: system.clock.read() }),
      false,
      'the first time stands',
    );
    assert.equal(await lifecycle.cancelDeletion(id, start + DAY), false);
    await lifecycle.disable(id, { now: start });
    assert.equal(await lifecycle.cancelDeletion(id, start + DAY - 1), false);
    await lifecycle.enable(id);
    assert.equal(await lifecycle.cancelDeletion(id, start + DAY - 1), true);
    assert.equal(await lifecycle.cancelDeletion(id, start + DAY - 1), false);
  });

  it('ends with the deletion of all its data, and its username is free again', async () => {
    await using system = await startSystem({}, engine);
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.signIn(ADA.username, ADA.password);
    const id = await existingAccountId(system, ADA.username);
    await coreOf(system).lifecycle.delete(id, { now: system.clock.read() });
    for (const table of ['accounts', 'passwords', 'sessions'] as const)
      assert.equal(await rowsOf(system, table), 0, table);
    assert.equal((await system.visitor().register(ADA.username, 'another long passphrase')).status, 303);
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
  });
});
