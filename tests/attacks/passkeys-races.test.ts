import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  addPasskey,
  authenticatorFor,
  optionsFor,
  PASSKEY_SIGN_IN,
  PASSKEY_STEP,
  PASSKEY_UPGRADE,
  PASSKEYS,
  registerWithPasskey,
  SILENT,
  signInWithPasskey,
} from '../kit/passkeys.ts';
import { FACTOR_STEP, RECOVERY_CODES } from '../kit/second-factors.ts';
import { reachInside, shareCookies, startTwoNodes } from '../kit/system.ts';
import { ADA, copyOf, isSignedIn, pathTo, signInAs, tokenIn } from '../kit/visitor.ts';

const PARALLEL = 16;

onEveryDatabase('a passkey on two nodes', (engine) => {
  it('A41 signs in once by one response that sixteen requests send at once', async () => {
    await using pair = await startTwoNodes(engine);
    const { authenticator } = await registerWithPasskey(pair.one);
    const browser = pair.one.visitor();
    const page = await browser.get('/login');
    const credential = JSON.stringify(authenticator.get(await optionsFor(browser, PASSKEY_SIGN_IN)));
    // Further fields make the requests differ, so that none gets the outcome of another.
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, number) => {
        const twin = number % 2 === 0 ? copyOf(pair.one, browser) : shareCookies(browser, pair.other);
        const fields = { csrf: tokenIn(page.body), credential, next: `/account?n=${number}` };
        return twin.post(PASSKEY_SIGN_IN, fields);
      }),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    assert.deepEqual(statuses, [303, ...Array.from({ length: PARALLEL - 1 }, () => 409)]);
  });

  it('A41 proves a second factor once by one response', async () => {
    await using pair = await startTwoNodes(engine);
    const { authenticator } = await registerWithPasskey(pair.one);
    const browser = pair.one.visitor();
    assert.equal(pathTo(await browser.signIn(ADA.username, ADA.password)), FACTOR_STEP);
    const page = await browser.get(PASSKEY_STEP);
    const [, flow] = /data-flow="([\w-]+)"/.exec(page.body) ?? [];
    const credential = JSON.stringify(authenticator.get(await optionsFor(browser, PASSKEY_STEP, flow)));
    const twins = [copyOf(pair.one, browser), shareCookies(browser, pair.other)];
    const answers = await Promise.all(
      twins.map((twin, number) =>
        twin.post(PASSKEY_STEP, { csrf: tokenIn(page.body), credential, extra: `${number}` }),
      ),
    );
    const signedIn = await Promise.all(twins.map(isSignedIn));
    assert.equal(signedIn.filter((is) => is).length, 1, answers.map(({ status }) => status).join(' '));
  });

  it('A41 that counts is accepted once with one count, whatever the challenge is', async () => {
    await using pair = await startTwoNodes(engine);
    const { authenticator } = await registerWithPasskey(pair.one, { isCounting: true });
    const { queries } = reachInside(pair.one, 'no page shows the counter').core.database;
    await signInWithPasskey(pair.one.visitor(), authenticator);
    const browsers = Array.from({ length: 6 }, (_, number) =>
      (number % 2 === 0 ? pair.one : pair.other).visitor(),
    );
    const pages = await Promise.all(browsers.map((browser) => browser.get('/login')));
    // The authenticator does not count on: a copy has signed all but the first.
    const asked = await Promise.all(browsers.map((browser) => optionsFor(browser, PASSKEY_SIGN_IN)));
    const [first, ...copies] = asked.map((options, number) =>
      authenticator.get(options, { isCounting: number === 0 }),
    );
    const answers = await Promise.all(
      [first, ...copies].map((response, number) =>
        browsers[number]?.post(PASSKEY_SIGN_IN, {
          csrf: tokenIn(pages[number]?.body ?? ''),
          credential: JSON.stringify(response),
        }),
      ),
    );
    assert.equal(answers.filter((answer) => answer?.status === 303).length, 1);
    const row = await queries
      .selectFrom('second_factors')
      .select('kind')
      .where('kind', '=', 'passkey')
      .executeTakeFirst();
    assert.equal(row?.kind, 'passkey');
  });

  it('A41 is created by the browser once, although two pages of one session have asked for it', async () => {
    await using pair = await startTwoNodes(engine);
    const { one, other } = pair;
    const ada = one.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const authenticator = authenticatorFor(one);
    const pages = [copyOf(one, ada), shareCookies(ada, other)];
    const asked = await Promise.all(pages.map((page) => optionsFor(page, PASSKEY_UPGRADE)));
    const answers = await Promise.all(
      pages.map((page, number) => {
        const credential = JSON.stringify(authenticator.create(asked[number], SILENT));
        return page.postJson(`/api${PASSKEY_UPGRADE}`, { credential });
      }),
    );
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
    const { queries } = reachInside(one, 'the page does not show what is asked for').core.database;
    const rows = await queries.selectFrom('second_factors').select('unasked_since').execute();
    assert.deepEqual(
      rows.map(({ unasked_since }) => unasked_since !== null),
      [true],
    );
  });

  it('A41 is created once by one response, with one list of recovery codes', async () => {
    await using pair = await startTwoNodes(engine);
    const { one, other } = pair;
    const ada = one.visitor();
    await ada.register(ADA.username, ADA.password);
    await signInAs(ada);
    const page = await ada.get(PASSKEYS);
    const authenticator = authenticatorFor(one);
    const credential = JSON.stringify(authenticator.create(await optionsFor(ada, PASSKEYS)));
    const twins = [copyOf(one, ada), shareCookies(ada, other)];
    const answers = await Promise.all(
      twins.map((twin, number) =>
        twin.post(PASSKEYS, { csrf: tokenIn(page.body), credential, extra: `${number}` }),
      ),
    );
    const locations = answers.map(({ location }) => location);
    assert.equal(locations.filter((location) => location === RECOVERY_CODES).length, 1, String(locations));
    const { queries } = reachInside(one, 'the page has no number of lists').core.database;
    const kinds = await queries.selectFrom('second_factors').select('kind').execute();
    assert.deepEqual(kinds.map(({ kind }) => kind).toSorted(), ['passkey', 'recovery-codes']);
    const winner = twins[locations.indexOf(RECOVERY_CODES)];
    assert.ok(winner !== undefined);
    const second = await addPasskey(winner, authenticatorFor(one));
    assert.equal(second.location, PASSKEYS);
  });
});
