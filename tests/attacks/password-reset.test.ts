import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  acceptedPasswords,
  isConfirmed,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  openAndReset,
  REQUIRED,
  RESET,
  registerAda,
  requestReset,
  requestResetPath,
  resetPathsTo,
  startWithAda,
} from '../kit/mailed-links.ts';
import { createTestStep } from '../kit/sign-in-steps.ts';
import { deleteExpired, startSystem, type TestSystem } from '../kit/system.ts';
import { guess } from '../kit/throttling.ts';
import {
  ADA,
  accountOf,
  NEW_PASSWORD,
  newAddress,
  newestFlow,
  pathTo,
  type Visitor,
} from '../kit/visitor.ts';

async function signedIn(system: TestSystem, password: string = ADA.password): Promise<Visitor> {
  const visitor = system.visitor();
  assert.equal((await visitor.signIn(ADA.username, password)).status, 303);
  return visitor;
}

/** A request to the page behind a link, from a browser that has just opened it. */
async function statusBehind(system: TestSystem, path: string): Promise<number> {
  const visitor = system.visitor();
  await visitor.get(path);
  return (await visitor.get(RESET)).status;
}

onEveryDatabase('a password reset', (engine) => {
  it('A11: replaces the password and ends every session without starting one', async () => {
    await using system = await startWithAda(engine);
    const elsewhere = await signedIn(system);
    const here = await signedIn(system);
    const path = await requestResetPath(system, ADA.username);
    const answer = await openAndReset(here, path, NEW_PASSWORD);
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.match((await here.get('/login')).body, /Your new password is set/);
    for (const browser of [elsewhere, here]) assert.equal((await browser.get('/api/session')).status, 401);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
    const [notice, ...others] = await mailsOf(system, 'password-changed');
    assert.deepEqual([notice?.to, others], [ADDRESS, []], 'its owner is told, once');
    assert.ok(system.events.some(({ type }) => type === 'password-reset'));
  });

  it('A34: points out a space at the end of the new password', async () => {
    await using system = await startWithAda(engine);
    const visitor = system.visitor();
    await openAndReset(visitor, await requestResetPath(system), `${NEW_PASSWORD} `);
    assert.match((await visitor.get('/login')).body, /Your new password begins or ends with a space/);
  });

  it('P19: is not completed by a scanner that fills in every field, and still works for the owner', async () => {
    await using system = await startWithAda(engine);
    const path = await requestResetPath(system, ADA.username);
    const scanner = system.visitor();
    await scanner.get(path);
    const { body } = await scanner.get(RESET);
    const names = [...body.matchAll(/<input[^>]* name="([^"]+)"[^>]*>/g)].flatMap(([input, name = '']) =>
      / type="(?:hidden|checkbox)"/.test(input) ? [] : [name],
    );
    const filled = Object.fromEntries(names.map((name) => [name, 'kQ7vX2mZ9pR4tY6wB1nD']));
    assert.ok(names.includes('new-password'));
    const answer = await scanner.submit(RESET, filled);
    assert.equal(answer.status, 422);
    assert.match(answer.body, /role="alert">Your browser or password manager filled in a field/);
    assert.doesNotMatch(answer.body, /name="comment"/);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, 'kQ7vX2mZ9pR4tY6wB1nD']), [ADA.password]);
    assert.equal((await openAndReset(system.visitor(), path, NEW_PASSWORD)).status, 303);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A14: changes nothing by a GET, works once, and expires after 30 minutes', async () => {
    await using system = await startWithAda(engine);
    const path = await requestResetPath(system);
    const scanner = system.visitor();
    const opened = await scanner.get(path);
    assert.deepEqual([opened.status, pathTo(opened), opened.body], [303, RESET, '']);
    for (let times = 0; times < 3; times += 1) assert.equal((await scanner.get(RESET)).status, 200);
    system.clock.advance(30 * MINUTE - 1);
    const refused = await openAndReset(system.visitor(), path, 'ada');
    assert.equal(refused.status, 422, 'the policy applies');
    assert.match(refused.body, /use at least 15/);
    assert.doesNotMatch(refused.body, /filled in a field/);
    const late = system.visitor();
    await late.get(path);
    const csrf = await late.token(RESET);
    system.clock.advance(1);
    assert.equal((await late.post(RESET, { csrf, 'new-password': NEW_PASSWORD })).status, 410);
    const next = await requestResetPath(system);
    assert.equal((await openAndReset(system.visitor(), next, NEW_PASSWORD)).status, 303);
    assert.equal(await statusBehind(system, next), 410, 'once');
  });

  it('A07 A14: works by each link that was mailed, and by none after a change of the password', async () => {
    await using system = await startWithAda(engine);
    const old = await requestResetPath(system);
    const newest = await requestResetPath(system);
    assert.deepEqual([await statusBehind(system, old), await statusBehind(system, newest)], [200, 200]);
    const ada = await signedIn(system);
    await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    assert.deepEqual([await statusBehind(system, old), await statusBehind(system, newest)], [410, 410]);
    assert.deepEqual(await acceptedPasswords(system, [NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A14: leaves its token in no cookie once it is complete', async () => {
    await using system = await startWithAda(engine);
    const ada = system.visitor();
    assert.equal((await openAndReset(ada, await requestResetPath(system), NEW_PASSWORD)).status, 303);
    assert.equal((await ada.get(RESET)).status, 404, 'as if no link had been opened');
    assert.equal(newestFlow(ada, 'link'), undefined);
  });

  it('does not accept the email address of the account as its new password', async () => {
    await using system = await startWithAda(engine);
    const refused = await openAndReset(system.visitor(), await requestResetPath(system), ADDRESS);
    assert.equal(refused.status, 422);
    assert.match(refused.body, /class="problem"/);
  });

  it('A13: rejects a token that was truncated, lengthened, invented or issued for another purpose', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const confirmation = await newestConfirmation(system);
    const path = await requestResetPath(system);
    const token = String(new URLSearchParams(path.slice(path.indexOf('?'))).get('token'));
    const other = String(
      new URLSearchParams(confirmation.path.slice(confirmation.path.indexOf('?'))).get('token'),
    );
    const [session = ''] = [ada.cookies.get('latchkey')];
    for (const made of [token.slice(0, -1), `${token}A`, '', 'null', newToken(), other, session])
      assert.equal(await statusBehind(system, `${RESET}?token=${made}`), 410, made);
    assert.equal((await system.visitor().get(RESET)).status, 404, 'without any link');
    assert.equal(
      await openAndConfirm(system.visitor(), `/verify-email?token=${token}`).catch(() => null),
      null,
    );
    assert.equal(await statusBehind(system, path), 200);
  });

  it('A19: takes the account from a user who registered with the address of another user', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    const attacker = await registerAda(system);
    await attacker.signIn(ADA.username, ADA.password);
    const confirmation = await newestConfirmation(system);
    const path = await requestResetPath(system);
    const [mail] = await mailsOf(system, 'reset-password');
    assert.doesNotMatch(String(mail?.text), /\bAda\b/, 'nobody’s chosen name goes to an unproven address');
    assert.equal((await openAndReset(system.visitor(), path, NEW_PASSWORD)).status, 303);
    assert.equal((await attacker.get('/api/session')).status, 401);
    assert.equal(await isConfirmed(system), true, 'the mail has shown whose address it is');
    assert.equal((await attacker.get(confirmation.path)).status, 303);
    assert.equal((await attacker.get('/verify-email')).status, 410, 'links of before are void');
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A18: saves an unconfirmed account from deletion, and gives it to the owner of the address', async () => {
    await using system = await startSystem(REQUIRED, engine);
    await registerAda(system);
    assert.equal(
      (await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD)).status,
      303,
    );
    system.clock.advance(2 * DAY);
    await deleteExpired(system);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('A37: does not complete a required step of the sign-in', async () => {
    const step = createTestStep();
    await using system = await startSystem({ email: 'optional' }, engine, { features: step.features });
    await registerAda(system);
    step.blocked.add((await accountOf(system)).id);
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    const ada = system.visitor();
    assert.equal((await ada.signIn(ADA.username, NEW_PASSWORD)).location, step.path);
    assert.equal((await ada.get('/api/session')).status, 401);
  });

  it('A07: works while attackers use up every attempt, and lets the owner sign in at once', async () => {
    await using system = await startWithAda(engine);
    for (let times = 0; times < 10; times += 1) await guess(system, ADA.username);
    const home = system.visitorFrom(newAddress());
    assert.equal((await home.signIn(ADA.username, ADA.password)).status, 429);
    await requestReset(system, home, ADDRESS);
    const [path = ''] = await resetPathsTo(system);
    assert.equal((await openAndReset(home, path, NEW_PASSWORD)).status, 303);
    for (let times = 0; times < 10; times += 1) await guess(system, ADA.username);
    assert.equal((await guess(system, ADA.username)).status, 429, 'they go on');
    assert.equal((await home.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
  });
});
