import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { copyDatabase } from '../../src/operations/copy/copy.ts';
import { createSeals, verifyChain } from '../../src/platform/audit-log/index.ts';
import { createSecrets } from '../../src/platform/crypto/secrets.ts';
import { DATABASE_OPTIONS, engines, existingDatabase } from '../kit/databases.ts';
import { insertUnusualRows, readContent, UNUSUAL_ACCOUNTS } from '../kit/rows.ts';
import { reachInside, SECRET_KEY, settleAudit, startSystem, type TestSystem } from '../kit/system.ts';
import { ADA, WRONG_PASSWORD } from '../kit/visitor.ts';

const databaseOf = (system: TestSystem) =>
  reachInside(system, 'no page makes or shows every kind of row').core.database;
const countersOf = (system: TestSystem) =>
  reachInside(system, 'no page tells how often something was counted').core.counters;

const LIMIT = { max: 3, window: 60_000 };

/** A user who registers, signs in and gets one password wrong, among many others. */
async function livedIn(system: TestSystem) {
  const { visitor, clock } = system;
  const ada = visitor();
  await ada.register(ADA.username, ADA.password, 'ada@example.org');
  assert.equal((await ada.signIn(ADA.username, ADA.password)).status, 303);
  await countersOf(system).reserve([{ key: 'sign-ins of Ada', rule: LIMIT }], clock.read());
  await insertUnusualRows(databaseOf(system), clock.read());
  await settleAudit(system);
  return ada;
}

async function assertLivesOn(system: TestSystem, cookies: ReadonlyMap<string, string>) {
  const { visitor, clock } = system;
  const before = visitor();
  for (const [name, value] of cookies) before.cookies.set(name, value);
  const session = await before.get('/api/session');
  assert.equal(session.status, 200, 'the session lives on');
  assert.match(session.body, /"username":"Ada","email":"ada@example.org"/);
  assert.equal((await visitor().signIn(ADA.username, WRONG_PASSWORD)).status, 401);
  const after = visitor();
  assert.equal((await after.signIn('ada@example.org', ADA.password)).status, 303);
  assert.equal((await after.get('/dashboard')).status, 200);
  const reserve = () => countersOf(system).reserve([{ key: 'sign-ins of Ada', rule: LIMIT }], clock.read());
  const allowed = [await reserve(), await reserve(), await reserve()].map((reservation) => reservation.ok);
  assert.deepEqual(allowed, [true, true, false], 'and so does what was counted');
}

async function recordOf(system: TestSystem) {
  await settleAudit(system);
  return verifyChain(databaseOf(system), createSeals(createSecrets([SECRET_KEY])), null);
}

for (const from of engines) {
  describe(`a copy from ${from.name}`, () => {
    it('keeps every row on every engine, so that sessions, passwords and counters stay valid', async (test) => {
      await using origin = await startSystem({}, from);
      const ada = await livedIn(origin);
      const original = await readContent(databaseOf(origin));
      assert.equal(original['accounts']?.length, UNUSUAL_ACCOUNTS + 1);
      for (const to of engines) {
        await test.test(to.name, async () => {
          await using empty = await to.create();
          const now = origin.clock.read();
          const result = await copyDatabase({
            from: origin.databaseUrl,
            to: empty.url,
            naming: DATABASE_OPTIONS,
            now,
          });
          assert.equal(result.verified, true);
          for (const { name, copied, source } of result.tables) {
            assert.equal(copied, original[name]?.length, name);
            assert.equal(source.rows, copied);
          }
          assert.deepEqual(result.leftOut.map(({ name }) => name).toSorted(), [
            'device_grants',
            'external_transactions',
            'leases',
            'migrations',
            'pending_sign_ins',
            'repeatable_requests',
            'spent_passkey_challenges',
          ]);
          await using moved = await startSystem({}, existingDatabase(empty.url));
          assert.deepEqual(await readContent(databaseOf(moved)), original);
          await assertLivesOn(moved, ada.cookies);
          assert.equal((await recordOf(moved)).fault, null, 'and the record of events goes on');
        });
      }
    });
  });
}
