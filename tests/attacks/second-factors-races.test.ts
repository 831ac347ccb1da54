import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_STEP,
  authenticatorOf,
  FACTOR_STEP,
  offeredSecret,
  RECOVERY_CODES,
  RECOVERY_STEP,
  registerWithAuthenticator,
  setupIn,
} from '../kit/second-factors.ts';
import { reachInside, shareCookies, startTwoNodes, type TestSystem } from '../kit/system.ts';
import { ADA, isSignedIn, signInAs, type Visitor } from '../kit/visitor.ts';

const PARALLEL = 16;

/** Browsers that have given the password, on two nodes in turn. */
async function waitingBrowsers(nodes: readonly TestSystem[]): Promise<readonly Visitor[]> {
  const browsers: Visitor[] = [];
  for (let number = 0; number < PARALLEL; number += 1) {
    const visitor = nodes[number % nodes.length]?.visitor();
    assert.ok(visitor !== undefined);
    assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, FACTOR_STEP);
    browsers.push(visitor);
  }
  return browsers;
}

/** All of them enter the same code at once. @returns how many are signed in */
async function enterAtOnce(browsers: readonly Visitor[], path: string, code: string): Promise<number> {
  const tokens = await Promise.all(browsers.map((browser) => browser.token(path)));
  const entered = browsers.map((browser, number) =>
    browser.post(path, { csrf: String(tokens[number]), code }),
  );
  const answers = await Promise.all(entered);
  for (const { status } of answers) assert.ok([303, 401, 429].includes(status), `${status}`);
  const signedIn = await Promise.all(browsers.map(isSignedIn));
  return signedIn.filter((is) => is).length;
}

onEveryDatabase('sixteen browsers on two nodes', (engine) => {
  it('A35 that enter one code of an authenticator app at once get one session', async () => {
    await using pair = await startTwoNodes(engine);
    const { app } = await registerWithAuthenticator(pair.one);
    const browsers = await waitingBrowsers([pair.one, pair.other]);
    assert.equal(await enterAtOnce(browsers, AUTHENTICATOR_STEP, app.code()), 1);
  });

  it('A40 that enter one recovery code at once get one session', async () => {
    await using pair = await startTwoNodes(engine);
    const { app } = await registerWithAuthenticator(pair.one);
    const browsers = await waitingBrowsers([pair.one, pair.other]);
    assert.equal(await enterAtOnce(browsers, RECOVERY_STEP, String(app.recoveryCodes[0])), 1);
  });
});

onEveryDatabase('an authenticator app', (engine) => {
  it('A35 that two forms set up at once is set up once, with one list of recovery codes', async () => {
    await using pair = await startTwoNodes(engine);
    const { one, other } = pair;
    const ada = one.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const twin = shareCookies(ada, other);
    const pages = await Promise.all([ada.get(AUTHENTICATOR), twin.get(AUTHENTICATOR)]);
    const csrf = await ada.token(AUTHENTICATOR);
    const answers = await Promise.all(
      [ada, twin].map((browser, number) => {
        const page = pages[number];
        assert.ok(page !== undefined);
        const code = authenticatorOf(one, offeredSecret(page), []).code();
        return browser.post(AUTHENTICATOR, { csrf, setup: setupIn(page), code });
      }),
    );
    const done = answers.filter(({ location }) => location === RECOVERY_CODES);
    assert.equal(done.length, 1, JSON.stringify(answers.map(({ status, location }) => [status, location])));
    const { queries } = reachInside(one, 'no page shows how many rows there are').core.database;
    for (const [table, count] of [
      ['totp_secrets', 1],
      ['second_factors', 2],
      ['recovery_codes', 10],
    ] as const)
      assert.equal((await queries.selectFrom(table).selectAll().execute()).length, count, table);
  });
});
