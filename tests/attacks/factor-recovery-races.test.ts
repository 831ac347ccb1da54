import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  newestConfirmation,
  newestPath,
  openAndConfirm,
  recipientsNamed,
  registerAda,
} from '../kit/mailed-links.ts';
import {
  COMPLETE,
  FACTOR_STEP,
  LOST,
  REQUEST,
  SECURITY,
  STOP_BY_MAIL,
  setUpAuthenticator,
} from '../kit/second-factors.ts';
import { deleteExpired, reachInside, startTwoNodes, type TestSystem, type TwoNodes } from '../kit/system.ts';
import { ADA, isSignedIn, signInAs, type Visitor } from '../kit/visitor.ts';

const DELAYED = { email: 'required', mfaRecoveryDelay: '7d' } as const;
const ADDRESS = 'ada@example.org';
const PARALLEL = 6;

async function setUp({ one }: TwoNodes): Promise<void> {
  const ada = await registerAda(one);
  await openAndConfirm(ada, (await newestConfirmation(one)).path);
  await signInAs(ada);
  await setUpAuthenticator(one, ada);
}

/** Browsers that have given the password, on two nodes in turn, and the form of the page for lost factors. */
async function waitingBrowsers({ one, other }: TwoNodes) {
  const browsers: { readonly visitor: Visitor; readonly csrf: string }[] = [];
  for (let number = 0; number < PARALLEL; number += 1) {
    const visitor = (number % 2 === 0 ? one : other).visitor();
    assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, FACTOR_STEP);
    browsers.push({ visitor, csrf: await visitor.token(LOST) });
  }
  return browsers;
}

async function rowsIn(system: TestSystem) {
  const { queries } = reachInside(system, 'no page shows how many rows there are').core.database;
  const count = async (table: 'second_factors' | 'factor_recoveries') =>
    (await queries.selectFrom(table).selectAll().execute()).length;
  return { factors: await count('second_factors'), recoveries: await count('factor_recoveries') };
}

onEveryDatabase('a recovery without the second factor', (engine) => {
  it('A15 is requested once by six browsers on two nodes at once, with one mail', async () => {
    await using pair = await startTwoNodes(engine, DELAYED);
    await setUp(pair);
    const browsers = await waitingBrowsers(pair);
    const answers = await Promise.all(browsers.map(({ visitor, csrf }) => visitor.post(REQUEST, { csrf })));
    for (const { status } of answers) assert.ok([303, 429].includes(status), `${status}`);
    assert.equal((await rowsIn(pair.one)).recoveries, 1);
    assert.deepEqual(await recipientsNamed(pair.one, 'factor-recovery-pending'), [ADDRESS]);
  });

  it('A15 is reported once a day by two nodes', async () => {
    await using pair = await startTwoNodes(engine, DELAYED);
    await setUp(pair);
    const [browser] = await waitingBrowsers(pair);
    await browser?.visitor.post(REQUEST, { csrf: browser.csrf });
    for (const node of [pair.one, pair.other]) node.clock.advance(DAY + MINUTE);
    await Promise.all([pair.one, pair.other].map((node) => deleteExpired(node)));
    assert.equal((await recipientsNamed(pair.one, 'factor-recovery-pending')).length, 2);
  });

  it('A37 A15 is either completed once or stopped, when six browsers complete it while three links stop it', async () => {
    await using pair = await startTwoNodes(engine, DELAYED);
    await setUp(pair);
    const [first] = await waitingBrowsers(pair);
    await first?.visitor.post(REQUEST, { csrf: first.csrf });
    for (const node of [pair.one, pair.other]) node.clock.advance(7 * DAY + MINUTE);
    const path = await newestPath(pair.one, 'factor-recovery-pending', ADDRESS);
    const owners = await Promise.all(
      [pair.one, pair.other, pair.one].map(async (node) => {
        const visitor = node.visitor();
        await visitor.get(path);
        return { visitor, csrf: await visitor.token(STOP_BY_MAIL) };
      }),
    );
    const browsers = await waitingBrowsers(pair);
    const [completed, stopped] = await Promise.all([
      Promise.all(browsers.map(({ visitor, csrf }) => visitor.post(COMPLETE, { csrf }))),
      Promise.all(owners.map(({ visitor, csrf }) => visitor.post(STOP_BY_MAIL, { csrf }))),
    ]);
    const entered = completed.filter(({ location }) => location === SECURITY).length;
    const stops = stopped.filter(({ status }) => status === 303).length;
    assert.equal(entered + stops, 1, JSON.stringify([entered, stops]));
    const sessions = await Promise.all(browsers.map(({ visitor }) => isSignedIn(visitor)));
    assert.equal(sessions.filter((is) => is).length, entered);
    assert.deepEqual(await rowsIn(pair.one), { factors: entered === 1 ? 0 : 2, recoveries: 0 });
  });
});
