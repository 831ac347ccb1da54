import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE, SECOND } from '../../src/core/clock.ts';
import { newToken } from '../../src/core/tokens.ts';
import {
  ADDRESS,
  isConfirmed,
  newestConfirmation,
  openAndConfirm,
  REQUIRED,
  registerAda,
} from '../support/confirmations.ts';
import { onEveryDatabase } from '../support/databases.ts';
import { ADA } from '../support/people.ts';
import {
  askForReset,
  mailsOf,
  newReset,
  openAndReset,
  RESET,
  resetPathsTo,
  startWithAda,
  working,
} from '../support/resets.ts';
import { accountOf } from '../support/session-cookie.ts';
import { createStandInStep } from '../support/stand-in-step.ts';
import { startSystem, type TestSystem } from '../support/system.ts';
import { guess, newAddress } from '../support/throttling.ts';
import type { Visitor } from '../support/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

async function signedIn(system: TestSystem, password: string = ADA.password): Promise<Visitor> {
  const visitor = system.visitor();
  assert.equal((await visitor.signIn(ADA.username, password)).status, 303);
  return visitor;
}

/** What is asked at the page behind a link, by a browser that has just opened it. */
async function statusBehind(system: TestSystem, path: string): Promise<number> {
  const visitor = system.visitor();
  await visitor.get(path);
  return (await visitor.get(RESET)).status;
}

onEveryDatabase('a new password by mail', (engine) => {
  it('A11: replaces the old one, ends every session, and signs nobody in', async () => {
    await using system = await startWithAda(engine);
    const elsewhere = await signedIn(system);
    const here = await signedIn(system);
    const path = await newReset(system, ADA.username);
    const answer = await openAndReset(here, path, NEW_PASSWORD);
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.match((await here.get('/login')).body, /Your new password is set/);
    for (const browser of [elsewhere, here]) assert.equal((await browser.get('/api/session')).status, 401);
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
    const [notice, ...others] = await mailsOf(system, 'password-changed');
    assert.deepEqual([notice?.to, others], [ADDRESS, []], 'its owner is told, once');
    assert.ok(system.events.some(({ type }) => type === 'password-reset'));
  });

  it('A14: is chosen on a page that a GET only shows, once, and within 30 minutes', async () => {
    await using system = await startWithAda(engine);
    const path = await newReset(system);
    const scanner = system.visitor();
    const opened = await scanner.get(path);
    assert.deepEqual([opened.status, opened.location, opened.body], [303, RESET, '']);
    for (let times = 0; times < 3; times += 1) assert.equal((await scanner.get(RESET)).status, 200);
    system.clock.advance(30 * MINUTE - 1);
    const refused = await openAndReset(system.visitor(), path, 'ada');
    assert.equal(refused.status, 422, 'the policy applies');
    assert.match(refused.body, /use at least 15/);
    const late = system.visitor();
    await late.get(path);
    const csrf = await late.token(RESET);
    system.clock.advance(1);
    assert.equal((await late.post(RESET, { csrf, 'new-password': NEW_PASSWORD })).status, 410);
    const next = await newReset(system);
    assert.equal((await openAndReset(system.visitor(), next, NEW_PASSWORD)).status, 303);
    assert.equal(await statusBehind(system, next), 410, 'once');
  });

  it('A14: comes by the newest link alone, and not once the password was changed', async () => {
    await using system = await startWithAda(engine);
    const old = await newReset(system);
    const newest = await newReset(system);
    assert.deepEqual([await statusBehind(system, old), await statusBehind(system, newest)], [410, 200]);
    const ada = await signedIn(system);
    await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    assert.equal(await statusBehind(system, newest), 410);
    assert.deepEqual(await working(system, [NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A15: sixteen parallel resets, one wins, and its password alone works', async () => {
    await using system = await startWithAda(engine);
    const path = await newReset(system);
    const racers = await Promise.all(
      Array.from({ length: 16 }, async (_, number) => {
        const visitor = system.visitor();
        await visitor.get(path);
        return {
          visitor,
          csrf: await visitor.token(RESET),
          password: `${number} grey herons on a long pier`,
        };
      }),
    );
    const answers = await Promise.all(
      racers.map(({ visitor, csrf, password }) => visitor.post(RESET, { csrf, 'new-password': password })),
    );
    const winners = racers.filter((_, position) => answers[position]?.status === 303);
    assert.equal(winners.length, 1);
    assert.ok(answers.every(({ status }) => status === 303 || status === 410));
    const passwords = racers.map(({ password }) => password);
    assert.deepEqual(await working(system, passwords), [winners[0]?.password]);
    assert.equal((await mailsOf(system, 'password-changed')).length, 1);
  });

  it('A13: is given by no token that was cut, lengthened, made up, or made for something else', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const confirmation = await newestConfirmation(system);
    const path = await newReset(system);
    const token = String(new URLSearchParams(path.slice(path.indexOf('?'))).get('token'));
    const other = String(
      new URLSearchParams(confirmation.path.slice(confirmation.path.indexOf('?'))).get('token'),
    );
    const [session = ''] = [ada.cookies.get('latchkey')];
    for (const made of [token.slice(0, -1), `${token}A`, '', 'null', newToken(), other, session])
      assert.equal(await statusBehind(system, `${RESET}?token=${made}`), 410, made);
    assert.equal((await system.visitor().get(RESET)).location, '/forgot-password', 'without any link');
    assert.equal(
      await openAndConfirm(system.visitor(), `/verify-email?token=${token}`).catch(() => null),
      null,
    );
    assert.equal(await statusBehind(system, path), 200);
  });

  it('A12: is chosen for no account that was disabled meanwhile, and no mail goes to one', async () => {
    await using system = await startWithAda(engine);
    const path = await newReset(system);
    const waiting = system.visitor();
    await waiting.get(path);
    const csrf = await waiting.token(RESET);
    const { lifecycle } = system.system.core;
    await lifecycle.disable((await accountOf(system)).id, { now: system.clock.read() });
    assert.equal((await waiting.post(RESET, { csrf, 'new-password': NEW_PASSWORD })).status, 410);
    system.clock.advance(SECOND);
    await askForReset(system, system.visitor(), ADDRESS);
    assert.equal((await resetPathsTo(system)).length, 1);
    await lifecycle.enable((await accountOf(system)).id);
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [ADA.password]);
  });

  it('A19: takes the account from whoever registered with an address that was not theirs', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    const stranger = await registerAda(system);
    await stranger.signIn(ADA.username, ADA.password);
    const confirmation = await newestConfirmation(system);
    const path = await newReset(system);
    const [mail] = await mailsOf(system, 'reset-password');
    assert.doesNotMatch(String(mail?.text), /\bAda\b/, 'nobody’s chosen name goes to an unproven address');
    assert.equal((await openAndReset(system.visitor(), path, NEW_PASSWORD)).status, 303);
    assert.equal((await stranger.get('/api/session')).status, 401);
    assert.equal(await isConfirmed(system), true, 'the mail has shown whose address it is');
    assert.equal((await stranger.get(confirmation.path)).status, 303);
    assert.equal((await stranger.get('/verify-email')).status, 410, 'links of before are void');
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A18: keeps an account that would have gone unconfirmed, and gives it to the address’s owner', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    assert.equal((await openAndReset(system.visitor(), await newReset(system), NEW_PASSWORD)).status, 303);
    system.clock.advance(2 * DAY);
    await system.system.storage.deleteExpired();
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A37: does no step of a sign-in', async () => {
    const step = createStandInStep();
    await using system = await startSystem({ email: 'optional' }, engine, { features: step.features });
    await registerAda(system);
    step.blocked.add((await accountOf(system)).id);
    await openAndReset(system.visitor(), await newReset(system), NEW_PASSWORD);
    const ada = system.visitor();
    assert.equal((await ada.signIn(ADA.username, NEW_PASSWORD)).location, step.path);
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('A07: is possible while strangers have used up every attempt, and lets the owner in at once', async () => {
    await using system = await startWithAda(engine);
    for (let times = 0; times < 10; times += 1) await guess(system, ADA.username);
    const home = system.visitorFrom(newAddress());
    assert.equal((await home.signIn(ADA.username, ADA.password)).status, 429);
    await askForReset(system, home, ADDRESS);
    const [path = ''] = await resetPathsTo(system);
    assert.equal((await openAndReset(home, path, NEW_PASSWORD)).status, 303);
    for (let times = 0; times < 10; times += 1) await guess(system, ADA.username);
    assert.equal((await guess(system, ADA.username)).status, 429, 'they go on');
    assert.equal((await home.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
  });

  it('enables a password again that was disabled after a hundred wrong ones', async () => {
    await using system = await startWithAda(engine);
    const { queries } = system.system.core.database;
    await queries.updateTable('passwords').set({ consecutive_failures: 100 }).execute();
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 401);
    await openAndReset(system.visitor(), await newReset(system), NEW_PASSWORD);
    assert.deepEqual(await working(system, [NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('leaves everything as it was where the notice cannot be written', async () => {
    await using system = await startWithAda(engine);
    const path = await newReset(system);
    const ada = system.visitor();
    await ada.get(path);
    const csrf = await ada.token(RESET);
    const { queries } = system.system.core.database;
    await queries.schema.alterTable('mail_outbox').renameTo('mail_away').execute();
    assert.equal((await ada.post(RESET, { csrf, 'new-password': NEW_PASSWORD })).status, 500);
    await queries.schema.alterTable('mail_away').renameTo('mail_outbox').execute();
    assert.deepEqual(await working(system, [ADA.password, NEW_PASSWORD]), [ADA.password]);
    assert.equal(
      (await openAndReset(system.visitor(), path, NEW_PASSWORD)).status,
      303,
      'nor is the link spent',
    );
  });
});
