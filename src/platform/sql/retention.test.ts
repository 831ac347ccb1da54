import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../../../tests/kit/databases.ts';
import { accountId } from '../../../tests/kit/ids.ts';
import {
  accountIdOf,
  deleteExpired,
  reachInside,
  startSystem,
  type TestSystem,
} from '../../../tests/kit/system.ts';
import { ADA, BEN, sessionRequest } from '../../../tests/kit/visitor.ts';
import { expiringCounters } from '../rate-limit/index.ts';
import { DAY, HOUR, MINUTE } from '../runtime/clock.ts';
import { createLeases } from './leases.ts';
import { deleteExpiredRows } from './retention.ts';
import { deleteExpired as deleteCounters } from './statements.ts';

async function rowsOf(system: TestSystem, table: 'sessions' | 'counters'): Promise<number> {
  const { queries } = reachInside(system, 'no page shows expired rows').core.database;
  const { count } = await queries
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<string | number | bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

onEveryDatabase('the deletion of expired rows', (engine) => {
  it('deletes all of them, however many, and nothing else', async () => {
    await using system = await startSystem(
      { sessionIdle: '1d', sessionLifetime: '1d', sessionsPerAccount: 1_000 },
      engine,
    );
    const { core } = reachInside(system, '1,201 sign-ins over HTTP take too long');
    const ada = system.visitor();
    await ada.register(ADA.username, ADA.password);
    await ada.register(BEN.username, BEN.password);
    const ids = [await accountIdOf(system, ADA.username), await accountIdOf(system, BEN.username)];
    for (let number = 0; number < 1_201; number += 1) {
      await core.sessions.begin(sessionRequest(accountId(ids[number % 2])), system.clock.read());
    }
    const soon = { max: 1, window: HOUR };
    await core.counters.reserve([{ key: 'soon over', rule: soon }], system.clock.read());
    await core.counters.reserve(
      [{ key: 'not over', rule: { max: 1, window: 2 * DAY } }],
      system.clock.read(),
    );
    system.clock.advance(DAY - MINUTE);
    await ada.signIn(ADA.username, ADA.password);
    assert.equal(await deleteExpired(system), 1 + 2, 'the counter, and how two registrations were answered');
    const counting = await rowsOf(system, 'counters');
    system.clock.advance(MINUTE);
    assert.equal(await deleteExpired(system), 1_201 + 1, 'the sessions, and how the sign-in was answered');
    assert.equal(await rowsOf(system, 'sessions'), 1);
    assert.equal(await rowsOf(system, 'counters'), counting, 'those that are not over');
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('spares a counter that began to count again after it was found to be expired', async () => {
    await using system = await startSystem({}, engine);
    const { core } = reachInside(system, 'no request counts between two statements of another');
    const demand = { key: 'begun again', rule: { max: 1, window: HOUR } };
    await core.counters.reserve([demand], system.clock.read());
    system.clock.advance(HOUR);
    const now = system.clock.read();
    let isFound = false;
    const queries = core.database.queries.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        if (!isFound) await core.counters.reserve([demand], now);
        isFound = true;
        return result;
      },
    });
    await deleteCounters(queries, expiringCounters, now, 10);
    assert.equal(await rowsOf(system, 'counters'), 1);
    assert.equal((await core.counters.reserve([demand], now)).ok, false, 'it still counts');
  });

  it('is left to the node that does it already', async () => {
    await using system = await startSystem({}, engine);
    const { core } = reachInside(system, 'nodes take leases, requests do not');
    const other = createLeases(core.database, system.clock.read());
    assert.equal(await other.hold('delete expired rows', system.clock.read(), MINUTE), true);
    assert.equal(await deleteExpired(system), null);
    system.clock.advance(MINUTE);
    assert.equal(await deleteExpired(system), 0, 'that node is gone');
  });

  it('deletes rows of every other kind if those of one cannot be deleted, and reports the failure', async () => {
    await using system = await startSystem({}, engine);
    const { core } = reachInside(system, 'no request makes one kind of row fail');
    const now = system.clock.read();
    await core.counters.reserve([{ key: 'soon over', rule: { max: 1, window: HOUR } }], now);
    const failure = new Error('this kind fails');
    const parts = {
      queries: core.database.queries,
      leases: createLeases(core.database, now),
      clock: () => now + HOUR,
      log: core.log,
    };
    const kinds = [() => Promise.reject(failure), expiringCounters];
    await assert.rejects(deleteExpiredRows(parts, kinds), { errors: [failure] });
    assert.equal(await rowsOf(system, 'counters'), 0);
  });
});
