import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { type Engine, onEveryDatabase } from '../../tests/kit/databases.ts';
import { reachInside, startSystem } from '../../tests/kit/system.ts';
import { ADA, accountOf, isSignedIn, sessionRequest, signInAs } from '../../tests/kit/visitor.ts';
import { MINUTE } from '../platform/runtime/clock.ts';
import { defineCredentialChanges } from './credential-change.ts';
import { events } from './definitions.ts';
import { defineTokens } from './one-time-tokens/token-definition.ts';

const data = z.object({ address: z.string() });
const { reset, link: magicLink } = defineTokens({
  reset: { lifetime: MINUTE, meaning: '', data, shown: 'address' },
  link: { lifetime: MINUTE, meaning: '', data, shown: 'address' },
});

const { passwordReset } = defineCredentialChanges({
  passwordReset: {
    name: 'password reset',
    otherSessions: 'end',
    ownSession: 'ends',
    voids: [magicLink],
    knownDevices: 'forget-all',
    linkedIdentities: 'keep',
    notifies: [],
    event: events.accountEnabled,
  },
});

/** Ada is signed in, and has a token for the change and one that the change voids. */
async function start(engine: Engine) {
  const system = await startSystem({}, engine);
  const ada = system.visitor();
  await ada.register(ADA.username, ADA.password);
  await signInAs(ada);
  const { core, contextOf } = reachInside(system, 'a page makes the change and its statement at once');
  const { changeCredential, oneTimeTokens, database, clock } = core;
  const { id: accountId } = await accountOf(system);
  const issue = (purpose: typeof reset) =>
    oneTimeTokens.issue(
      database.queries,
      { purpose, accountId, data: { address: 'ada@example.org' } },
      clock(),
    );
  const [token, link] = [await issue(reset), await issue(magicLink)];
  return {
    system,
    core,
    accountId,
    isSignedIn: () => isSignedIn(ada),
    isGood: async () => (await oneTimeTokens.read(reset, token, clock())) !== null,
    isLinkGood: async () => (await oneTimeTokens.read(magicLink, link, clock())) !== null,
    change: <Reason extends string>(apply: () => Promise<boolean | { ok: false; reason: Reason }>) =>
      changeCredential(contextOf(new Request('http://localhost/'), undefined), passwordReset, {
        accountId,
        token: { purpose: reset, token },
        apply,
        event: { accountId },
      }),
  };
}

onEveryDatabase('a change of a credential', (engine) => {
  it('A15: keeps nothing where the change is refused or has lost a race', async () => {
    const { system, change, isGood, isLinkGood, isSignedIn } = await start(engine);
    await using _ = system;
    assert.deepEqual(await change(async () => false), { ok: false, reason: 'conflict' });
    const refused = { ok: false, reason: 'last-way-in' } as const;
    assert.deepEqual(await change(async () => refused), refused);
    await assert.rejects(
      change(async () => Promise.reject(new TypeError('a defect'))),
      { message: 'a defect' },
    );
    assert.deepEqual([await isGood(), await isLinkGood(), await isSignedIn()], [true, true, true]);
    assert.ok(!system.events.some(({ type }) => type === 'account-enabled'));
  });

  it('A15: is made once when eight requests spend one token at once', async () => {
    const { system, change, isGood, isLinkGood, isSignedIn } = await start(engine);
    await using _ = system;
    const changes = await Promise.all(Array.from({ length: 8 }, () => change(async () => true)));
    assert.equal(changes.filter(({ ok }) => ok).length, 1);
    assert.deepEqual([await isGood(), await isLinkGood(), await isSignedIn()], [false, false, false]);
    assert.equal(system.events.filter(({ type }) => type === 'account-enabled').length, 1);
  });

  it('A11: ends a session that begins with the old credential while the change is committed', async () => {
    const { system, core, accountId, change } = await start(engine);
    await using _ = system;
    const { database, sessions, clock } = core;
    const { transaction } = database;
    Object.assign(database, {
      transaction: async (work: Parameters<typeof transaction>[0]) => {
        // The transaction of the change alone: the audit log has others.
        Object.assign(database, { transaction });
        const result = await transaction(work);
        assert.notEqual(await sessions.begin(sessionRequest(accountId), clock()), null);
        return result;
      },
    });
    assert.equal((await change(async () => true)).ok, true);
    assert.deepEqual(await sessions.list(accountId, clock()), []);
  });
});
