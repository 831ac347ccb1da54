import assert from 'node:assert/strict';
import { it } from 'node:test';
import { START_OF_TESTS } from '../../../tests/kit/clock.ts';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { startSystem, type TestSystem } from '../../../tests/kit/system.ts';
import { parseEmailAddress } from '../identifiers/email-address.ts';
import { parseUsername } from '../identifiers/username.ts';
import type { NewAccount } from './accounts.ts';

const NOBODY = '00000000-0000-7000-8000-000000000000';

function person(name: string, address?: string): NewAccount {
  const username = parseUsername(name);
  assert.ok(username.valid);
  if (address === undefined) return { username, email: null };
  const email = parseEmailAddress(address);
  assert.ok(email.valid);
  return { username, email };
}

function createIn({ system, clock }: TestSystem, account: NewAccount) {
  return system.core.accounts.create(account, clock.read(), async () => {});
}

onEveryDatabase('an account', (engine) => {
  it('is found by its name and by its address, however they are typed', async () => {
    await using system = await startSystem({}, engine);
    const creation = await createIn(system, person('Zoë Müller', 'Zoe@Example.org'));
    assert.ok(creation.created);
    const { find } = system.system.core.accounts;
    for (const typed of [
      'Zoë Müller',
      '  zoe\u0308 MU\u0308LLER ',
      'zoe@example.org',
      ' ZOE@EXAMPLE.ORG',
      'zoe@ＥＸＡＭＰＬＥ.org',
    ])
      assert.equal(await find(typed), creation.accountId, typed);
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
      assert.equal(await find(typed), null, typed);
  });

  it('keeps its name from others, and its address; the answer says which of them is taken', async () => {
    await using system = await startSystem({}, engine);
    await createIn(system, person('Ada Lovelace', 'ada@example.org'));
    const attempts = [
      [person('ADA LOVELACE', 'other@example.org'), 'username'],
      [person('ada lovelace', 'ada@example.org'), 'username'],
      [person('Countess', 'ADA@example.org'), 'email'],
    ] as const;
    for (const [account, taken] of attempts)
      assert.deepEqual(await createIn(system, account), { created: false, taken });
    assert.equal(await system.system.core.accounts.find('Countess'), null, 'nothing of it was kept');
  });

  it('needs no address, and any number of people may have none', async () => {
    await using system = await startSystem({}, engine);
    for (const name of ['First', 'Second', 'Third'])
      assert.equal((await createIn(system, person(name))).created, true, name);
  });

  it('comes into being with its credentials or not at all', async () => {
    await using system = await startSystem({}, engine);
    const { accounts } = system.system.core;
    const seen: string[] = [];
    const failing = accounts.create(person('Ada'), system.clock.read(), async (transaction, id) => {
      const inside = await transaction.selectFrom('accounts').select('username').execute();
      seen.push(...inside.map(({ username }) => username), id);
      throw new Error('no credentials');
    });
    await assert.rejects(failing, /no credentials/);
    assert.equal(seen[0], 'Ada', 'the credentials may refer to it');
    assert.equal(await accounts.find('Ada'), null);
  });

  it('is shown without its keys, one by its id and all in the order of their making', async () => {
    await using system = await startSystem({}, engine);
    const ids: string[] = [];
    for (const name of ['First', 'Second', 'Third']) {
      const creation = await createIn(system, person(name, `${name}@example.org`));
      assert.ok(creation.created);
      ids.push(creation.accountId);
      system.clock.advance(1);
    }
    const { accounts } = system.system.core;
    const [first, second] = await accounts.list(null, 2);
    assert.deepEqual(await accounts.list(null, 2), [first, second]);
    assert.deepEqual(
      (await accounts.list(String(ids[1]), 2)).map(({ username }) => username),
      ['Third'],
    );
    assert.deepEqual(await accounts.list(String(ids[2]), 2), []);
    assert.deepEqual(await accounts.read(String(ids[0])), first);
    assert.deepEqual(first, {
      id: ids[0],
      username: 'First',
      email: 'First@example.org',
      emailVerifiedAt: null,
      createdAt: START_OF_TESTS,
      disabledAt: null,
      deleteAt: null,
    });
    assert.equal(await accounts.read(NOBODY), null);
  });
});
