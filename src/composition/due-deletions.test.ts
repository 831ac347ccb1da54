import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../tests/kit/databases.ts';
import { deleteExpired, reachInside, startSystem, type TestSystem } from '../../tests/kit/system.ts';
import type { AccountId } from '../auth/identifiers/ids.ts';
import { DAY, MINUTE } from '../platform/runtime/clock.ts';
import { deleteDueAccounts } from './due-deletions.ts';

async function makeAccounts(system: TestSystem, count: number): Promise<readonly AccountId[]> {
  const { accounts } = reachInside(system, 'sixty registrations over HTTP take long').core;
  const ids: AccountId[] = [];
  for (let number = 0; number < count; number += 1) {
    const account = { username: { username: `No ${number}`, key: `no ${number}` }, email: null };
    const creation = await accounts.create(account, system.clock.read(), async () => {});
    assert.ok(creation.ok);
    ids.push(creation.accountId);
  }
  return ids;
}

onEveryDatabase('retention', (engine) => {
  it('deletes all accounts whose deletion is due, and announces each of them once', async () => {
    await using system = await startSystem({}, engine);
    const { lifecycle, database } = reachInside(system, 'no page sets the time of a deletion').core;
    const ids = await makeAccounts(system, 60);
    const due = system.clock.read() + DAY;
    for (const [number, id] of ids.entries())
      await lifecycle.requestDeletion(id, due + (number % 2), { now: system.clock.read() });
    const deleted: string[] = [];
    const deleteDue = deleteDueAccounts({
      queries: database.queries,
      lifecycle,
      refused: { isRecent: () => false },
      announce: (_, { accountId }) => deleted.push(String(accountId)),
    });
    assert.equal(await deleteDue(due - 1, 100), 0);
    assert.equal(await deleteDue(due, 7), 7, 'no more than asked for');
    system.clock.advance(DAY);
    assert.equal(await deleteExpired(system), 23);
    system.clock.advance(MINUTE);
    assert.equal(await deleteExpired(system), 30);
    const announced = system.events.flatMap((event) =>
      event.type === 'account-deleted' && 'work' in event ? [event.accountId] : [],
    );
    assert.deepEqual([...deleted, ...announced].sort(), [...ids].sort());
    assert.equal((await database.queries.selectFrom('accounts').select('id').execute()).length, 0);
  });
});
