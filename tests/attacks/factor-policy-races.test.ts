import assert from 'node:assert/strict';
import { it } from 'node:test';
import { insertFactor } from '../../src/features/second-factors/store.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { mailsOf, newestConfirmation, openAndConfirm, registerAda } from '../kit/mailed-links.ts';
import { authenticatorFor, optionsFor, PASSKEY_SETUP } from '../kit/passkeys.ts';
import {
  AUTHENTICATOR_SETUP,
  authenticatorOf,
  CODES_STEP,
  FACTOR_SETUP,
  FACTOR_STEP,
  offeredSecret,
  setupIn,
} from '../kit/second-factors.ts';
import { reachInside, startSystem, startTwoNodes, type TestSystem } from '../kit/system.ts';
import { ADA, BEN, isSignedIn, reasonsOf, tokenIn } from '../kit/visitor.ts';

/** Another request adds a factor between two steps of the next one: when that reads the account. */
function addAtNextRead(system: TestSystem): void {
  const { accounts, clock, database } = reachInside(system, 'it has to happen between two steps').core;
  const { read } = accounts;
  const readAndAdd: typeof read = async (accountId, on) => {
    Object.assign(accounts, { read });
    await insertFactor(database.queries, accountId, { kind: 'passkey', now: clock() });
    return read(accountId, on);
  };
  Object.assign(accounts, { read: readAndAdd });
}

onEveryDatabase('a required second factor', (engine) => {
  it('A35 that two sign-ins set up at once is set up once, and the other one is asked for it', async () => {
    await using pair = await startTwoNodes(engine, { mfa: 'required', mfaGrace: '0s', email: 'off' });
    const { one, other } = pair;
    await one.visitor().register(ADA.username, ADA.password);
    const browsers = [one.visitor(), other.visitor()];
    for (const browser of browsers)
      assert.equal((await browser.signIn(ADA.username, ADA.password)).location, FACTOR_SETUP);
    const pages = await Promise.all(browsers.map((browser) => browser.get(AUTHENTICATOR_SETUP)));
    const answers = await Promise.all(
      browsers.map((browser, number) => {
        const page = pages[number];
        assert.ok(page !== undefined);
        const code = authenticatorOf(one, offeredSecret(page), []).code();
        return browser.post(AUTHENTICATOR_SETUP, { csrf: tokenIn(page.body), setup: setupIn(page), code });
      }),
    );
    const led = answers.map(({ location }) => String(location)).toSorted();
    assert.ok(led.includes(CODES_STEP), JSON.stringify(led));
    // Where the winner came first, its change has ended the sign-in of the other browser.
    assert.ok(
      led.some((location) => [FACTOR_STEP, '/login'].includes(location)),
      JSON.stringify(led),
    );
    const { queries } = reachInside(one, 'no page shows how many rows there are').core.database;
    for (const [table, count] of [
      ['totp_secrets', 1],
      ['second_factors', 2],
      ['recovery_codes', 10],
    ] as const)
      assert.equal((await queries.selectFrom(table).selectAll().execute()).length, count, table);
    assert.deepEqual(await Promise.all(browsers.map(isSignedIn)), [false, false]);
  });

  it('A35 is not set up in a sign-in beside another one that was added since it was asked for', async () => {
    await using system = await startSystem({ mfa: 'required', mfaGrace: '0s', email: 'off' }, engine);
    const visitor = system.visitor();
    await visitor.register(ADA.username, ADA.password);
    await visitor.signIn(ADA.username, ADA.password);
    const page = await visitor.get(AUTHENTICATOR_SETUP);
    addAtNextRead(system);
    const code = authenticatorOf(system, offeredSecret(page), []).code();
    const form = { csrf: tokenIn(page.body), setup: setupIn(page), code };
    assert.equal((await visitor.post(AUTHENTICATOR_SETUP, form)).location, FACTOR_STEP);
    const { queries } = reachInside(system, 'no page shows how many rows there are').core.database;
    assert.deepEqual(await queries.selectFrom('totp_secrets').selectAll().execute(), []);
    const client = system.visitor();
    await client.register(BEN.username, BEN.password);
    const { flow } = JSON.parse((await client.postJson('/api/login', BEN)).body);
    const created = authenticatorFor(system).create(await optionsFor(client, PASSKEY_SETUP, flow));
    addAtNextRead(system);
    const credential = JSON.stringify(created);
    const answer = await client.postJson(`/api${PASSKEY_SETUP}`, { flow, credential });
    assert.deepEqual(reasonsOf(answer), ['passkey-expired']);
    assert.deepEqual(await queries.selectFrom('passkeys').selectAll().execute(), []);
  });

  it('has one grace period and one mail where sixteen sign-ins and requests begin it at once', async () => {
    await using pair = await startTwoNodes(engine, { mfa: 'required', email: 'required' });
    const { one, other } = pair;
    const ada = await registerAda(one);
    await openAndConfirm(ada, (await newestConfirmation(one)).path);
    const { queries } = reachInside(one, 'no page shows what is stored').core.database;
    const begunAtOnce = async (begin: (number: number) => Promise<boolean>) => {
      const begun = await Promise.all(Array.from({ length: 16 }, (_, number) => begin(number)));
      assert.ok(begun.every((is) => is));
      assert.equal((await queries.selectFrom('factor_deadlines').selectAll().execute()).length, 1);
      return (await mailsOf(one, 'second-factor-required')).length;
    };
    const browsers = Array.from({ length: 16 }, (_, number) => (number % 2 === 0 ? one : other).visitor());
    const signIn = async (number: number) => {
      const answer = await browsers[number]?.signIn(ADA.username, ADA.password);
      return answer?.location === '/dashboard';
    };
    assert.equal(await begunAtOnce(signIn), 1);
    // As if the sessions had begun before the policy.
    await queries.deleteFrom('factor_deadlines').execute();
    const use = async (number: number) => {
      const browser = browsers[number];
      return browser !== undefined && isSignedIn(browser);
    };
    assert.equal(await begunAtOnce(use), 2);
  });
});
