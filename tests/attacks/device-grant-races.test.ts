import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hashToken } from '../../src/platform/crypto/tokens.ts';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { idToBytes } from '../../src/platform/text/uuid.ts';
import {
  allowDevice,
  beginDevice,
  DEVICE_PAGE,
  enterCode,
  grantIn,
  poll,
  tokensOf,
  WITH_TOKENS,
} from '../kit/api-tokens.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import { accountIdOf, deleteExpired, existingAccountId, reachInside, startSystem } from '../kit/system.ts';
import { ADA, BEN, changePassword, copyOf, registerAndSignIn, signInAs } from '../kit/visitor.ts';

async function started(engine: Engine) {
  const system = await startSystem(WITH_TOKENS, engine);
  const ada = await registerAndSignIn(system.visitor());
  const id = String(await accountIdOf(system, ADA.username));
  return { system, ada, id, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

onEveryDatabase('a request of a device', (engine) => {
  it('A15: gets one token when eight polls race after it was allowed, and all of them get that one', async () => {
    await using scene = await started(engine);
    const { system, ada, id } = scene;
    const deviceCode = await allowDevice(system, ada);
    const polls = await Promise.all(Array.from({ length: 8 }, () => poll(system, deviceCode)));
    assert.equal(new Set(polls.map(({ access_token }) => access_token)).size, 1);
    assert.equal((await tokensOf(system).list(id)).length, 1);
  });

  it('A15: is decided once when allowing and denying race', async () => {
    await using scene = await started(engine);
    const { system } = scene;
    for (let round = 0; round < 3; round += 1) {
      const ada = await signInAs(system.visitor());
      const { device_code, user_code } = await beginDevice(system);
      const page = await enterCode(ada, user_code);
      const csrf: string[] = [];
      for (let count = 0; count < 4; count += 1) csrf.push(await ada.token(page));
      const decisions = ['allow', 'deny', 'allow', 'deny'];
      const answers = await Promise.all(
        decisions.map((decision, number) =>
          copyOf(system, ada).post(page, { csrf: csrf[number] ?? '', grant: grantIn(page), decision }),
        ),
      );
      const made = decisions.filter((_, number) =>
        /deviceAllowed|deviceDenied/.test(answers[number]?.headers.getSetCookie().join() ?? ''),
      );
      assert.equal(made.length, 1, made.join());
      const { error = 'allow' } = await poll(system, device_code);
      assert.equal(error, made[0] === 'allow' ? 'allow' : 'access_denied');
    }
  });

  it('A15 A17: is claimed by one user when two type its code at once', async () => {
    await using scene = await started(engine);
    const { system, ada } = scene;
    const ben = await registerAndSignIn(system.visitor(), BEN);
    for (let round = 0; round < 3; round += 1) {
      const { user_code } = await beginDevice(system);
      const fields = { 'user-code': user_code };
      const tokens = [await ada.token(DEVICE_PAGE), await ben.token(DEVICE_PAGE)];
      const answers = await Promise.all(
        [ada, ben].map((user, number) => user.post(DEVICE_PAGE, { csrf: tokens[number] ?? '', ...fields })),
      );
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [303, 401]);
    }
  });

  it('A11: gets no token when the password changes while it asks', async () => {
    await using scene = await started(engine);
    const { system, ada, id } = scene;
    const deviceCode = await allowDevice(system, ada);
    await Promise.all([poll(system, deviceCode), changePassword(ada)]);
    assert.deepEqual(await tokensOf(system).list(id), [], 'the token ended, or the request did');
  });

  it('A69 is not allowed by writing to the database, and none of its columns can be changed', async () => {
    await using scene = await started(engine);
    const { system, ada } = scene;
    const { queries } = reachInside(system, 'the attacker writes to the database').core.database;
    const account_id = idToBytes(await existingAccountId(system, ADA.username));
    const stolen = await beginDevice(system);
    await queries.updateTable('device_grants').set({ account_id, decision: 'allowed' }).execute();
    assert.equal((await poll(system, stolen.device_code)).error, 'invalid_grant');
    await queries.deleteFrom('device_grants').execute();
    const mallorys = await beginDevice(system);
    const changes = [
      { device_code_hash: hashToken(mallorys.device_code) },
      { scopes: 'notes:read notes:write' },
      { client: 'other' },
      { address: '192.0.2.9' },
    ];
    for (const change of changes) {
      await queries.deleteFrom('device_grants').execute();
      const { user_code } = await beginDevice(system);
      await queries.updateTable('device_grants').set(change).execute();
      assert.equal((await ada.submit(DEVICE_PAGE, { 'user-code': user_code })).status, 401);
    }
    const rows = JSON.stringify(await queries.selectFrom('device_grants').selectAll().execute());
    assert.ok(!rows.includes(mallorys.device_code));
  });

  it('is deleted when it is spent, and some minutes after it has expired', async () => {
    await using scene = await started(engine);
    const { system, ada } = scene;
    const { queries } = reachInside(system, 'no page counts rows').core.database;
    const count = async () => (await queries.selectFrom('device_grants').select('id').execute()).length;
    await poll(system, await allowDevice(system, ada));
    assert.equal(await count(), 0);
    await enterCode(await signInAs(system.visitor()), (await beginDevice(system)).user_code);
    await beginDevice(system);
    system.clock.advance(15 * MINUTE - 1);
    await deleteExpired(system);
    assert.equal(await count(), 2);
    system.clock.advance(1);
    await deleteExpired(system);
    assert.equal(await count(), 0);
  });
});
