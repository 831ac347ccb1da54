import assert from 'node:assert/strict';
import { it } from 'node:test';
import { START_OF_TESTS } from '../../../tests/kit/clock.ts';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { accountId } from '../../../tests/kit/ids.ts';
import { accountIdOf, reachInside, startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { parseEmailAddress } from '../../platform/text/email-address.ts';
import { parseUsername } from '../../platform/text/username.ts';
import type { NewAccount } from './accounts.ts';

const UNKNOWN_ID = accountId('00000000-0000-7000-8000-000000000000');

function newAccount(name: string, address?: string): NewAccount {
  const username = parseUsername(name);
  assert.ok(username.ok);
  if (address === undefined) return { username, email: null };
  const email = parseEmailAddress(address);
  assert.ok(email.ok);
  return { username, email };
}

const accountsOf = (system: TestSystem) =>
  reachInside(system, 'registration creates no account without credentials').core.accounts;

function createIn(system: TestSystem, account: NewAccount) {
  return accountsOf(system).create(account, system.clock.read(), async () => {});
}

onEveryDatabase('an account', (engine) => {
  it('is found by its username and by its address in every spelling', async () => {
    await using system = await startSystem({}, engine);
    const creation = await createIn(system, newAccount('Zoë Müller', 'Zoe@Example.org'));
    assert.ok(creation.ok);
    for (const typed of [
      'Zoë Müller',
      '  zoe\u0308 MU\u0308LLER ',
      'zoe@example.org',
      ' ZOE@EXAMPLE.ORG',
      'zoe@ＥＸＡＭＰＬＥ.org',
    ])
      assert.equal(await accountIdOf(system, typed), creation.accountId, typed);
    for (const typed of [
      'Zoe Muller',
      'zoe@example.com',
      'zoe',
      '',
      '@',
      'zoe@',
      '%',
      'Zoë\0Müller',
      'zoe\0@example.org',
      'a'.repeat(10_000),
    ])
      assert.equal(await accountIdOf(system, typed), null, typed);
  });

  it('keeps its username and its address unique, and a refusal says which one is taken', async () => {
    await using system = await startSystem({}, engine);
    await createIn(system, newAccount('Ada Lovelace', 'ada@example.org'));
    const attempts = [
      [newAccount('ADA LOVELACE', 'other@example.org'), 'username'],
      [newAccount('ada lovelace', 'ada@example.org'), 'username'],
      [newAccount('Countess', 'ADA@example.org'), 'email'],
    ] as const;
    for (const [account, taken] of attempts)
      assert.deepEqual(await createIn(system, account), { ok: false, reason: taken });
    assert.equal(await accountIdOf(system, 'Countess'), null, 'nothing of it was kept');
  });

  it('needs no address, and any number of accounts may have none', async () => {
    await using system = await startSystem({}, engine);
    for (const name of ['First', 'Second', 'Third'])
      assert.equal((await createIn(system, newAccount(name))).ok, true, name);
  });

  it('is created together with its credentials or not at all', async () => {
    await using system = await startSystem({}, engine);
    const accounts = accountsOf(system);
    const seen: string[] = [];
    const failing = accounts.create(newAccount('Ada'), system.clock.read(), async (transaction, id) => {
      const inside = await transaction.selectFrom('accounts').select('username').execute();
      seen.push(...inside.map(({ username }) => username), id);
      throw new Error('no credentials');
    });
    await assert.rejects(failing, /no credentials/);
    assert.equal(seen[0], 'Ada', 'the credentials may refer to it');
    assert.equal(await accountIdOf(system, 'Ada'), null);
  });

  it('is shown without its keys, by its id', async () => {
    await using system = await startSystem({}, engine);
    const creation = await createIn(system, newAccount('First', 'First@example.org'));
    assert.ok(creation.ok);
    const accounts = accountsOf(system);
    assert.deepEqual(await accounts.read(creation.accountId), {
      id: creation.accountId,
      username: 'First',
      email: 'First@example.org',
      emailVerifiedAt: null,
      createdAt: START_OF_TESTS,
      disabledAt: null,
      deleteAt: null,
    });
    assert.equal(await accounts.read(UNKNOWN_ID), null);
  });
});
