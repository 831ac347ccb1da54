import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { deleteExpired, reachInside, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { plainTokens } from '../../../tests/kit/tokens.ts';
import { newToken } from '../../platform/crypto/tokens.ts';
import { HOUR, MINUTE } from '../../platform/runtime/clock.ts';
import { type AccountId, accountIds } from '../identifiers/ids.ts';
import type { TokenDefinition } from './token-definition.ts';

const RESET = plainTokens('password-reset', HOUR);
const CONFIRM = plainTokens('email-confirmation', 2 * HOUR);

const coreOf = (system: TestSystem) => reachInside(system, 'no page calls a single function of tokens').core;

async function accountIn(system: TestSystem, name: string): Promise<AccountId> {
  const account = { username: { username: name, key: name.toLowerCase() }, email: null };
  const creation = await coreOf(system).accounts.create(account, system.clock.read(), async () => {});
  assert.ok(creation.ok);
  return creation.accountId;
}

/** The tokens of a system, at its time. */
function tokensOf(system: TestSystem) {
  const { clock } = system;
  const { oneTimeTokens, database } = coreOf(system);
  return {
    issue: (
      purpose: TokenDefinition<string>,
      accountId: AccountId | null,
      data: string,
      lifetime = purpose.lifetime,
    ) => oneTimeTokens.issue(database.queries, { purpose, accountId, data, lifetime }, clock.read()),
    read: (purpose: TokenDefinition<string>, token: string) =>
      oneTimeTokens.read(purpose, token, clock.read()),
    spend: (purpose: TokenDefinition<string>, token: string) =>
      database.transaction((transaction) => oneTimeTokens.spend(transaction, purpose, token, clock.read())),
    voidAll: (purpose: TokenDefinition<string>, accountId: AccountId) =>
      database.transaction((transaction) => oneTimeTokens.voidAll(transaction, purpose, accountId)),
    count: async () =>
      (await database.queries.selectFrom('one_time_tokens').select('purpose').execute()).length,
  };
}

onEveryDatabase('a one-time token', (engine) => {
  it('A14: works once, and is not spent by reading it', async () => {
    await using system = await startSystem({}, engine);
    const accountId = await accountIn(system, 'Ada');
    const tokens = tokensOf(system);
    const token = await tokens.issue(RESET, accountId, 'Ada@example.org');
    const about = { accountId, data: 'Ada@example.org', issuedAt: system.clock.read() };
    for (let times = 0; times < 3; times += 1) assert.deepEqual(await tokens.read(RESET, token), about);
    assert.deepEqual(await tokens.spend(RESET, token), { accountId, issuedAt: about.issuedAt });
    assert.equal(await tokens.spend(RESET, token), null);
    assert.equal(await tokens.read(RESET, token), null);
  });

  it('A13: is valid for its own purpose alone, and only as a whole', async () => {
    await using system = await startSystem({}, engine);
    const tokens = tokensOf(system);
    const token = await tokens.issue(RESET, await accountIn(system, 'Ada'), '');
    const others = ['', 'null', '[]', newToken(), token.slice(0, -1), `${token}A`, `${token}\n`, ` ${token}`];
    for (const other of [...others, token.toLowerCase(), `${token.slice(0, -1)}%`]) {
      assert.equal(await tokens.read(RESET, other), null, JSON.stringify(other));
      assert.equal(await tokens.spend(RESET, other), null, JSON.stringify(other));
    }
    assert.equal(await tokens.read(CONFIRM, token), null);
    assert.equal(await tokens.spend(CONFIRM, token), null);
    assert.notEqual(await tokens.spend(RESET, token), null, 'none of that has spent it');
  });

  it('A59: works until the millisecond it expires', async () => {
    await using system = await startSystem({}, engine);
    const tokens = tokensOf(system);
    const [first, second] = [await tokens.issue(RESET, null, ''), await tokens.issue(RESET, null, '')];
    const short = await tokens.issue(RESET, null, '', MINUTE);
    system.clock.advance(MINUTE);
    assert.equal(await tokens.read(RESET, short), null);
    system.clock.advance(HOUR - MINUTE - 1);
    assert.notEqual(await tokens.spend(RESET, first), null);
    system.clock.advance(1);
    assert.equal(await tokens.read(RESET, second), null);
    assert.equal(await tokens.spend(RESET, second), null);
  });

  it('A59 I26 that was seen expired stays expired when the clock steps back', async () => {
    await using system = await startSystem({}, engine);
    const accountId = await accountIn(system, 'Ada');
    const tokens = tokensOf(system);
    const { oneTimeTokens } = coreOf(system);
    const list = () => oneTimeTokens.ofAccount(CONFIRM, accountId, system.clock.read());
    const [read, spent] = [
      await tokens.issue(RESET, accountId, ''),
      await tokens.issue(RESET, accountId, ''),
    ];
    await tokens.issue(CONFIRM, accountId, '', HOUR);
    system.clock.advance(HOUR + MINUTE);
    assert.equal(await tokens.read(RESET, read), null);
    assert.equal(await tokens.spend(RESET, spent), null);
    assert.deepEqual(await list(), []);
    system.clock.advance(-30 * MINUTE);
    assert.equal(await tokens.read(RESET, read), null);
    assert.equal(await tokens.spend(RESET, spent), null);
    assert.deepEqual(await list(), []);
  });

  it('A15: succeeds once when sixteen requests spend it at once', async () => {
    await using system = await startSystem({}, engine);
    const tokens = tokensOf(system);
    for (let round = 0; round < 5; round += 1) {
      const token = await tokens.issue(RESET, null, String(round));
      const outcomes = await Promise.all(Array.from({ length: 16 }, () => tokens.spend(RESET, token)));
      assert.equal(outcomes.filter((outcome) => outcome !== null).length, 1);
    }
  });

  it('A15: is not spent by a transaction that fails', async () => {
    await using system = await startSystem({}, engine);
    const tokens = tokensOf(system);
    const { database, oneTimeTokens } = coreOf(system);
    const token = await tokens.issue(RESET, null, '');
    const failing = database.transaction(async (transaction) => {
      assert.notEqual(await oneTimeTokens.spend(transaction, RESET, token, system.clock.read()), null);
      throw new Error('the change failed');
    });
    await assert.rejects(failing, /the change failed/);
    assert.notEqual(await tokens.spend(RESET, token), null);
  });

  it('A11: is voided with all tokens of its account and purpose, and with no others', async () => {
    await using system = await startSystem({}, engine);
    const [ada, ben] = [await accountIn(system, 'Ada'), await accountIn(system, 'Ben')];
    const tokens = tokensOf(system);
    const voided = [await tokens.issue(RESET, ada, '1'), await tokens.issue(RESET, ada, '2')];
    const kept = await tokens.issue(RESET, ben, '3');
    const other = await tokens.issue(CONFIRM, ada, '4');
    assert.equal(await tokens.voidAll(RESET, ada), 2);
    for (const token of voided) assert.equal(await tokens.spend(RESET, token), null);
    assert.equal((await tokens.spend(RESET, kept))?.accountId, ben);
    assert.equal((await tokens.read(CONFIRM, other))?.data, '4');
    assert.notEqual(await tokens.spend(CONFIRM, other), null);
  });

  it('A59: issued as the last one is newer than those before it, also where the clock has stepped back', async () => {
    await using system = await startSystem({}, engine);
    const accountId = await accountIn(system, 'Ada');
    const tokens = tokensOf(system);
    const { database, oneTimeTokens } = coreOf(system);
    const issueLast = () =>
      database.transaction((transaction) =>
        oneTimeTokens.issueLast(transaction, { purpose: RESET, accountId, data: '' }, system.clock.read()),
      );
    const first = await issueLast();
    system.clock.advance(-MINUTE);
    const { issuedAt = 0 } = (await tokens.read(RESET, await issueLast())) ?? {};
    await database.transaction((transaction) =>
      oneTimeTokens.voidSince(transaction, RESET, accountId, issuedAt),
    );
    assert.notEqual(await tokens.read(RESET, first), null, 'the later one has not voided the earlier one');
  });

  it('A12: is deleted with its account, and cannot be issued for a missing account', async () => {
    await using system = await startSystem({}, engine);
    const ada = await accountIn(system, 'Ada');
    const tokens = tokensOf(system);
    await tokens.issue(RESET, ada, '');
    await coreOf(system).lifecycle.delete(ada, { now: system.clock.read() });
    assert.equal(await tokens.count(), 0);
    await assert.rejects(tokens.issue(RESET, accountIds.create(system.clock.read()), ''));
  });

  it('A56: is not stored in any readable encoding', async () => {
    await using system = await startSystem({}, engine);
    const token = await tokensOf(system).issue(RESET, await accountIn(system, 'Ada'), 'x'.repeat(1_000));
    const rows = await coreOf(system).database.queries.selectFrom('one_time_tokens').selectAll().execute();
    assert.equal(rows.length, 1);
    const bytes = Buffer.from(token, 'base64url');
    for (const row of rows) {
      const dump = Object.values(row).flatMap(spelledOut);
      for (const spelling of [
        token,
        bytes.toString('hex'),
        bytes.toString('base64'),
        bytes.toString('latin1'),
      ])
        assert.ok(!dump.join(' ').includes(spelling));
    }
  });

  it('is refused if its data exceed 1,000 characters', async () => {
    await using system = await startSystem({}, engine);
    await assert.rejects(tokensOf(system).issue(RESET, null, 'x'.repeat(1_001)), RangeError);
  });

  it('is deleted after it has expired, and not before', async () => {
    await using system = await startSystem({}, engine);
    const tokens = tokensOf(system);
    for (let number = 0; number < 3; number += 1) await tokens.issue(RESET, null, '');
    const kept = await tokens.issue(CONFIRM, null, '');
    system.clock.advance(HOUR);
    assert.equal(await deleteExpired(system), 3);
    assert.equal(await tokens.count(), 1);
    assert.notEqual(await tokens.spend(CONFIRM, kept), null);
  });

  it('is listed under an id while it is outstanding, by which it can be revoked but not spent', async () => {
    await using system = await startSystem({}, engine);
    const tokens = tokensOf(system);
    const { oneTimeTokens } = coreOf(system);
    const now = system.clock.read();
    const [first, second] = [await tokens.issue(RESET, null, '1'), await tokens.issue(RESET, null, '2')];
    await tokens.issue(CONFIRM, null, '3');
    await tokens.issue(RESET, null, 'over', 1);
    const outstanding = await oneTimeTokens.outstanding(RESET, now + 1);
    assert.deepEqual(outstanding.map(({ data }) => data).sort(), ['1', '2']);
    const id = String(outstanding.find(({ data }) => data === '1')?.id);
    assert.equal(await tokens.spend(RESET, id), null);
    for (const other of [
      '',
      id.slice(1),
      `${id}0`,
      '%',
      id.toUpperCase().replace(/\d/g, 'A'),
      '0'.repeat(16),
    ])
      assert.equal(await oneTimeTokens.revoke(RESET, other), false, other);
    assert.equal(await oneTimeTokens.revoke(CONFIRM, id), false);
    assert.equal(await oneTimeTokens.revoke(RESET, id), true);
    assert.equal(await oneTimeTokens.revoke(RESET, id), false);
    assert.equal(await tokens.spend(RESET, first), null);
    assert.notEqual(await tokens.spend(RESET, second), null);
  });
});

function spelledOut(value: Uint8Array | string | number | null): readonly string[] {
  if (!(value instanceof Uint8Array)) return [String(value)];
  const bytes = Buffer.from(value);
  return [
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('latin1'),
  ];
}
