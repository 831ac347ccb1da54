import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newToken } from '../../src/platform/crypto/tokens.ts';
import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  changeAddress,
  mailsOf,
  NEW_ADDRESS,
  newestConfirmation,
  openAndConfirm,
  openAndConfirmLink,
  openAndReset,
  registerAda,
  resetPathsTo,
  UNDO,
  undoPath,
} from '../kit/mailed-links.ts';
import {
  addPasskey,
  authenticatorFor,
  optionsFor,
  PASSKEY_CONFIRM,
  PASSKEYS,
  signInWithPasskey,
  usePasskeyOn,
  withCredentialId,
} from '../kit/passkeys.ts';
import { runCommandsOn } from '../kit/processes.ts';
import {
  AUTHENTICATOR,
  AUTHENTICATOR_STEP,
  enterFactorCode,
  FACTOR_STEP,
  FACTOR_UNDO,
  factorUndoPath,
  factorUndoPaths,
  nextCode,
  RECOVERY_CODES,
  RECOVERY_STEP,
  setUpAuthenticator,
} from '../kit/second-factors.ts';
import { deleteExpired, disableAccount, reachInside, startSystem, type TestSystem } from '../kit/system.ts';
import { resetCounters } from '../kit/throttling.ts';
import {
  ADA,
  type Answer,
  BEN,
  isSignedIn,
  pathTo,
  reasonsOf,
  signInAs,
  tokenIn,
  type Visitor,
} from '../kit/visitor.ts';

const BEN_ADDRESS = 'ben@example.org';
const CHOSEN = 'four grey herons on a pier';

/** Ada with a confirmed address, signed in. */
async function startWithAda(engine?: Engine) {
  const system = await startSystem({ email: 'required' }, engine);
  const ada = await registerAda(system);
  await openAndConfirm(ada, (await newestConfirmation(system)).path);
  await signInAs(ada);
  return { system, ada, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

/** Undoes a change in a browser of its own. */
async function undo(system: TestSystem, path: string): Promise<Answer> {
  const visitor = system.visitor();
  await visitor.get(path);
  const page = await visitor.get(FACTOR_UNDO);
  return page.status === 200 ? visitor.submit(FACTOR_UNDO, {}) : page;
}

/** Chooses a new password by the newest reset mail. */
async function choosePassword(system: TestSystem): Promise<void> {
  const [path = ''] = await resetPathsTo(system);
  assert.equal((await openAndReset(system.visitor(), path, CHOSEN)).status, 303);
}

/** Where the chosen password leads. */
async function whereSignInLeads(system: TestSystem, visitor = system.visitor()): Promise<string | null> {
  await resetCounters(system);
  return (await visitor.signIn(ADA.username, CHOSEN)).location;
}

const removeApp = (visitor: Visitor) => visitor.submit(AUTHENTICATOR, { remove: 'on' });

async function factorsIn(system: TestSystem) {
  const { queries } = reachInside(system, 'no page shows what is kept').core.database;
  const kindsIn = async (table: 'second_factors' | 'removed_factors') =>
    (await queries.selectFrom(table).select('kind').execute()).map(({ kind }) => kind).toSorted();
  return { present: await kindsIn('second_factors'), kept: await kindsIn('removed_factors') };
}

const BOTH = ['recovery-codes', 'totp'];

onEveryDatabase('a second factor that an attacker has added', (engine) => {
  it('A37 is removed by the mail about it, with its recovery codes, and the attacker is out', async () => {
    await using started = await startWithAda(engine);
    const { system, ada: attacker } = started;
    await setUpAuthenticator(system, attacker);
    const owner = system.visitor();
    await owner.get(await factorUndoPath(system));
    const page = await owner.get(FACTOR_UNDO);
    assert.match(
      page.body,
      /Removed: Authenticator app[\s\S]*Removed: Recovery codes|Removed: Recovery codes[\s\S]*Removed: Authenticator app/,
    );
    const answer = await owner.submit(FACTOR_UNDO, {});
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.equal(await isSignedIn(owner), false, 'a mail begins no session');
    assert.equal(await isSignedIn(attacker), false);
    assert.deepEqual(await factorsIn(system), { present: [], kept: [] });
    await resetCounters(system);
    assert.equal((await attacker.signIn(ADA.username, ADA.password)).status, 401, 'the password is disabled');
    await choosePassword(system);
    assert.equal(await whereSignInLeads(system, owner), '/dashboard');
    assert.equal((await mailsOf(system, 'second-factor-change-undone')).length, 1);
  });

  it('A14 A15 is removed only by a POST, once when eight requests undo it at once, and for three days', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    await setUpAuthenticator(system, ada);
    const path = await factorUndoPath(system);
    const scanner = system.visitor();
    assert.equal(pathTo(await scanner.get(path)), FACTOR_UNDO);
    for (let times = 0; times < 3; times += 1) assert.equal((await scanner.get(FACTOR_UNDO)).status, 200);
    assert.deepEqual((await factorsIn(system)).present, BOTH);
    system.clock.advance(3 * DAY - 31 * SECOND);
    const browsers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const visitor = system.visitor();
        await visitor.get(path);
        return { visitor, csrf: await visitor.token(FACTOR_UNDO) };
      }),
    );
    const answers = await Promise.all(
      browsers.map(({ visitor, csrf }) => visitor.post(FACTOR_UNDO, { csrf })),
    );
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [303, ...Array(7).fill(410)]);
    assert.equal((await resetPathsTo(system)).length, 1);
  });

  it('A13 stays after three days', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    await setUpAuthenticator(system, ada);
    system.clock.advance(3 * DAY);
    assert.equal((await undo(system, await factorUndoPath(system))).status, 410);
    assert.deepEqual((await factorsIn(system)).present, BOTH);
  });
});

onEveryDatabase('a second factor that an attacker has removed', (engine) => {
  it('A37 works again as it was, with the codes that were used, and is asked for', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const app = await setUpAuthenticator(system, ada);
    const [used = '', unused = ''] = app.recoveryCodes;
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    await elsewhere.submit(RECOVERY_STEP, { code: used });
    const spent = app.code();
    await elsewhere.signOut();
    await elsewhere.signIn(ADA.username, ADA.password);
    assert.equal((await enterFactorCode(elsewhere, spent)).location, '/dashboard');
    await removeApp(elsewhere);
    assert.deepEqual(await factorsIn(system), { present: [], kept: BOTH });
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).location, '/dashboard');
    const page = await system.visitor().get(await factorUndoPath(system));
    assert.equal(pathTo(page), FACTOR_UNDO);
    assert.equal((await undo(system, await factorUndoPath(system))).status, 303);
    assert.equal(await isSignedIn(elsewhere), false);
    assert.deepEqual(await factorsIn(system), { present: BOTH, kept: [] });
    await choosePassword(system);
    const owner = system.visitor();
    assert.equal(await whereSignInLeads(system, owner), FACTOR_STEP);
    assert.equal((await enterFactorCode(owner, spent)).status, 401, 'A35: its step stays used');
    assert.equal((await owner.submit(RECOVERY_STEP, { code: used })).status, 401, 'A40: the code stays used');
    nextCode(system);
    assert.equal((await enterFactorCode(owner, app.code())).location, '/dashboard');
    const other = system.visitor();
    assert.equal(await whereSignInLeads(system, other), FACTOR_STEP);
    assert.equal((await other.submit(RECOVERY_STEP, { code: unused })).status, 303);
  });

  it('A37 replaces the one that the attacker has set up instead, and the earlier link voids the later one', async () => {
    await using started = await startWithAda(engine);
    const { system, ada: attacker } = started;
    const app = await setUpAuthenticator(system, attacker);
    system.clock.advance(10 * DAY);
    await attacker.signIn(ADA.username, ADA.password);
    await enterFactorCode(attacker, app.code());
    await removeApp(attacker);
    system.clock.advance(SECOND);
    const own = await setUpAuthenticator(system, attacker);
    const [added = '', removed = ''] = await factorUndoPaths(system);
    assert.equal((await undo(system, removed)).status, 303);
    assert.equal((await undo(system, added)).status, 410);
    assert.deepEqual(await factorsIn(system), { present: BOTH, kept: [] });
    await choosePassword(system);
    const owner = system.visitor();
    assert.equal(await whereSignInLeads(system, owner), FACTOR_STEP);
    nextCode(system);
    assert.equal((await enterFactorCode(owner, own.code())).status, 401);
    assert.equal((await enterFactorCode(owner, app.code())).location, '/dashboard');
  });

  it('A37 does not come back when a later addition is undone', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    await setUpAuthenticator(system, ada);
    await removeApp(ada);
    system.clock.advance(SECOND);
    await setUpAuthenticator(system, ada);
    assert.equal((await undo(system, await factorUndoPath(system))).status, 303);
    assert.deepEqual((await factorsIn(system)).present, []);
  });

  it('A40 comes back with the list of recovery codes that was replaced', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const app = await setUpAuthenticator(system, ada);
    system.clock.advance(4 * DAY);
    await ada.signIn(ADA.username, ADA.password);
    await enterFactorCode(ada, app.code());
    assert.equal((await ada.submit(RECOVERY_CODES, {})).status, 303);
    assert.deepEqual(await factorsIn(system), { present: BOTH, kept: ['recovery-codes'] });
    assert.equal((await undo(system, await factorUndoPath(system))).status, 303);
    assert.deepEqual(await factorsIn(system), { present: BOTH, kept: [] });
    await choosePassword(system);
    const owner = system.visitor();
    await whereSignInLeads(system, owner);
    const [code = ''] = app.recoveryCodes;
    assert.equal((await owner.submit(RECOVERY_STEP, { code })).status, 303);
  });

  it('A59 is restored in the order of the changes, whatever the clocks say', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const app = await setUpAuthenticator(system, ada);
    system.clock.advance(-40 * SECOND);
    await removeApp(ada);
    // In the order of their times.
    const [added = '', removed = ''] = await factorUndoPaths(system);
    assert.equal((await undo(system, removed)).status, 303);
    assert.deepEqual(await factorsIn(system), { present: BOTH, kept: [] });
    assert.equal((await undo(system, added)).status, 303, 'the earlier one is not void');
    assert.deepEqual(await factorsIn(system), { present: [], kept: [] });
    assert.equal(app.recoveryCodes.length, 10);
  });

  it('A13 is deleted after three days, and was no factor until then', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const app = await setUpAuthenticator(system, ada);
    await removeApp(ada);
    const [removed = '', added = ''] = await factorUndoPaths(system);
    assert.equal((await undo(system, added)).status, 410, 'it is as before the addition');
    const visitor = system.visitor();
    assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.equal((await visitor.get(AUTHENTICATOR_STEP)).location, '/login');
    system.clock.advance(3 * DAY);
    await deleteExpired(system);
    assert.deepEqual(await factorsIn(system), { present: [], kept: [] });
    assert.equal((await undo(system, removed)).status, 410);
    assert.equal(app.recoveryCodes.length, 10);
  });
});

onEveryDatabase('one of several passkeys', (engine) => {
  it('A37 A41 works again as it was when its removal is undone, and the others are left alone', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const [phone, key] = [authenticatorFor(system), authenticatorFor(system)];
    await addPasskey(ada, phone);
    system.clock.advance(SECOND);
    await addPasskey(ada, key);
    system.clock.advance(SECOND);
    const elsewhere = system.visitor();
    assert.equal((await signInWithPasskey(elsewhere, phone)).location, '/dashboard');
    assert.equal((await removeFirstPasskey(elsewhere)).status, 303);
    assert.deepEqual(await factorsIn(system), {
      present: ['passkey', 'recovery-codes'],
      kept: ['passkey'],
    });
    assert.equal((await signInWithPasskey(system.visitor(), phone)).status, 401);
    assert.equal((await undo(system, await factorUndoPath(system))).status, 303);
    for (const authenticator of [phone, key])
      assert.equal((await signInWithPasskey(system.visitor(), authenticator)).location, '/dashboard');
    assert.equal((await signInWithPasskey(system.visitor(), phone)).location, '/dashboard');
    assert.deepEqual((await factorsIn(system)).present, ['passkey', 'passkey', 'recovery-codes']);
  });

  it('A37 that an attacker has added goes, and the one of the owner stays', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const [own, foreign] = [authenticatorFor(system), authenticatorFor(system)];
    await addPasskey(ada, own);
    system.clock.advance(4 * DAY);
    await signInWithPasskey(ada, own);
    await addPasskey(ada, foreign);
    assert.equal((await undo(system, await factorUndoPath(system))).status, 303);
    assert.equal((await signInWithPasskey(system.visitor(), foreign)).status, 401);
    assert.equal((await signInWithPasskey(system.visitor(), own)).location, '/dashboard');
  });
});

onEveryDatabase('a removed passkey', (engine) => {
  it('A41 is restored although a thief has given its credential id to another account, and stays there', async () => {
    await using started = await startWithAda(engine);
    const { system, ada } = started;
    const key = authenticatorFor(system);
    await addPasskey(ada, key);
    const { id } = key.get(await optionsFor(ada, PASSKEY_CONFIRM));
    system.clock.advance(SECOND);
    await removeFirstPasskey(ada);
    const path = await factorUndoPath(system);
    const thief = system.visitor();
    await thief.register(BEN.username, BEN.password, BEN_ADDRESS);
    await openAndConfirm(thief, (await newestConfirmation(system, BEN_ADDRESS)).path);
    await signInAs(thief, BEN);
    const forger = authenticatorFor(system);
    const forge = (options: unknown) => withCredentialId(forger.create(options), id);
    assert.equal((await usePasskeyOn(thief, { page: PASSKEYS }, forge)).location, RECOVERY_CODES);
    system.clock.advance(SECOND);
    await removeFirstPasskey(thief);
    const restoring = await factorUndoPath(system, BEN_ADDRESS);
    assert.equal((await usePasskeyOn(thief, { page: PASSKEYS }, forge)).location, RECOVERY_CODES);
    assert.equal((await undo(system, path)).location, '/login');
    assert.equal((await signInWithPasskey(system.visitor(), key)).location, '/dashboard');
    assert.equal((await undo(system, restoring)).status, 410, 'the forgery replaces nothing');
    assert.equal((await signInWithPasskey(system.visitor(), key)).location, '/dashboard');
  });
});

/** Presses the button of the passkey that was created first. */
async function removeFirstPasskey(visitor: Visitor): Promise<Answer> {
  const { body } = await visitor.get(PASSKEYS);
  const [, passkey = ''] = /name="passkey" value="([\w-]+)"/.exec(body) ?? [];
  return visitor.post(PASSKEYS, { csrf: tokenIn(body), passkey, remove: 'on' });
}

describe('the link that undoes a change of second factors', () => {
  it('A16 V6.3.7 goes to the address of before as well, which gets no link to a password of its own', async () => {
    await using started = await startWithAda();
    const { system, ada: attacker } = started;
    await changeAddress(system, attacker, NEW_ADDRESS);
    await setUpAuthenticator(system, attacker);
    const resets = (await mailsOf(system, 'reset-password')).length;
    const owner = system.visitor();
    await owner.get(await factorUndoPath(system, ADDRESS));
    assert.match((await owner.get(FACTOR_UNDO)).body, /not the one of the account any more/);
    assert.equal((await owner.submit(FACTOR_UNDO, {})).status, 303);
    assert.equal((await mailsOf(system, 'reset-password')).length, resets);
    assert.equal((await undo(system, await factorUndoPath(system, NEW_ADDRESS))).status, 410);
    assert.deepEqual(await factorsIn(system), { present: [], kept: [] });
    assert.equal((await openAndConfirmLink(owner, await undoPath(system, ADDRESS), UNDO)).status, 303);
    await choosePassword(system);
    assert.equal(await whereSignInLeads(system, owner), '/dashboard');
    const { to } = (await mailsOf(system, 'second-factor-change-undone')).at(-1) ?? {};
    assert.ok(to === ADDRESS || to === NEW_ADDRESS);
  });

  it('A37 never removes a factor that was there before the change', async () => {
    await using started = await startWithAda();
    const { system, ada } = started;
    const app = await setUpAuthenticator(system, ada);
    system.clock.advance(4 * DAY);
    await ada.signIn(ADA.username, ADA.password);
    await enterFactorCode(ada, app.code());
    await ada.submit(RECOVERY_CODES, {});
    for (const path of await factorUndoPaths(system)) await undo(system, path);
    assert.deepEqual((await factorsIn(system)).present, BOTH);
    await choosePassword(system);
    assert.equal(await whereSignInLeads(system), FACTOR_STEP);
  });

  it('A40 is void once the operator has removed the factors', async () => {
    await using started = await startWithAda();
    const { system, ada } = started;
    await setUpAuthenticator(system, ada);
    await ada.submit(RECOVERY_CODES, {});
    await runCommandsOn(system, [['user', 'reset-factors', ADA.username, '--reason', 'seen in person']]);
    for (const path of await factorUndoPaths(system)) assert.equal((await undo(system, path)).status, 410);
    assert.deepEqual(await factorsIn(system), { present: [], kept: [] });
  });

  it('A12 does nothing for a disabled account', async () => {
    await using started = await startWithAda();
    const { system, ada } = started;
    await setUpAuthenticator(system, ada);
    const owner = system.visitor();
    await owner.get(await factorUndoPath(system));
    const csrf = await owner.token(FACTOR_UNDO);
    await disableAccount(system, ADA.username);
    assert.equal((await owner.post(FACTOR_UNDO, { csrf })).status, 410);
    assert.deepEqual((await factorsIn(system)).present, BOTH);
  });

  it('A69 restores nothing that was moved or changed in the database', async () => {
    await using started = await startWithAda();
    const { system, ada } = started;
    const app = await setUpAuthenticator(system, ada);
    await removeApp(ada);
    const { queries } = reachInside(system, 'no page writes to the table').core.database;
    await queries
      .updateTable('removed_factors')
      .set(({ eb }) => ({ added_at: eb('added_at', '-', 1) }))
      .where('kind', '=', 'totp')
      .execute();
    assert.equal((await undo(system, await factorUndoPath(system))).status, 410);
    assert.deepEqual(await factorsIn(system), { present: [], kept: BOTH });
    assert.equal(app.recoveryCodes.length, 10);
  });

  it('works for API clients, and needs the token of its mail', async () => {
    await using started = await startWithAda();
    const { system, ada } = started;
    await setUpAuthenticator(system, ada);
    const token = new URL(await factorUndoPath(system), system.origin).searchParams.get('token');
    const client = system.visitor();
    const send = (fields: object) => client.postJson(`/api${FACTOR_UNDO}`, fields);
    assert.deepEqual(reasonsOf(await send({})), ['link-unopened']);
    assert.deepEqual(reasonsOf(await send({ token: newToken() })), ['link-gone']);
    assert.equal((await send({ token })).status, 200);
    assert.deepEqual(reasonsOf(await send({ token })), ['link-gone']);
  });
});
