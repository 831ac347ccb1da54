import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SECOND } from '../../src/platform/runtime/clock.ts';
import { flagPasswordsAsBreached, LISTED_PASSWORD, setPassword } from '../kit/breached-passwords.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  ASK,
  acceptedPasswords,
  addressOf,
  CONFIRM,
  changeAddress,
  confirmPath,
  mailsOf,
  NEW_ADDRESS,
  newestLink,
  OPEN,
  openAndConfirmLink,
  openAndReset,
  REPORT,
  reportPath,
  requestAddressChange,
  requestLink,
  requestResetPath,
  resetPathsTo,
  startWithAda,
  startWithLinks,
  UNDO,
  undoPath,
} from '../kit/mailed-links.ts';
import { reachInside, type TestSystem } from '../kit/system.ts';
import { ADA, accountOf, isSignedIn, newAddress, signInAsThief } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const OTHER_PASSWORD = 'eleven candles in the attic';

/** How an owner can recover the account from an attacker: each returns the path of the link, and the page behind it. */
const recoveries = [
  {
    name: '“this was not me”',
    begin: async (system: TestSystem) => {
      await signInAsThief(system);
      return { path: await reportPath(system), page: REPORT };
    },
  },
  {
    name: 'an undone change of address',
    begin: async (system: TestSystem) => {
      await changeAddress(system, await signInAsThief(system), NEW_ADDRESS);
      return { path: await undoPath(system, ADDRESS), page: UNDO };
    },
  },
];

onEveryDatabase('the recovery of an account', (engine) => {
  for (const { name, begin } of recoveries) {
    it(`A11: by ${name} refuses a sign-in that is under way, and disables the password`, async () => {
      await using system = await startWithAda(engine);
      const { path, page } = await begin(system);
      const late = system.visitorFrom(newAddress());
      const { reached, release } = system.hasher.holdVerifications();
      const signingIn = late.signIn(ADA.username, ADA.password);
      await reached;
      assert.equal((await openAndConfirmLink(system.visitor(), path, page)).location, '/login');
      release();
      assert.equal((await signingIn).status, 401);
      assert.equal(await isSignedIn(late), false);
      assert.deepEqual(await acceptedPasswords(system, [ADA.password]), []);
      const [reset = ''] = await resetPathsTo(system);
      assert.equal((await openAndReset(system.visitor(), reset, NEW_PASSWORD)).location, '/login');
      assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
    });

    it(`A11: by ${name} makes the next sign-in of a previously known browser send a notice`, async () => {
      await using system = await startWithAda(engine);
      const attacker = await signInAsThief(system);
      await attacker.signOut();
      const { path, page } = await begin(system);
      system.clock.advance(SECOND);
      const owner = system.visitor();
      await openAndConfirmLink(owner, path, page);
      const [reset = ''] = await resetPathsTo(system);
      await openAndReset(owner, reset, NEW_PASSWORD);
      const before = (await mailsOf(system, 'signed-in-from-new-device')).length;
      await owner.signIn(ADA.username, NEW_PASSWORD);
      assert.equal((await mailsOf(system, 'signed-in-from-new-device')).length, before, 'its own browser');
      await attacker.signIn(ADA.username, NEW_PASSWORD);
      assert.equal((await mailsOf(system, 'signed-in-from-new-device')).length, before + 1);
    });
  }

  it('A16, A59: cannot be undone by the link of a later change, even when the clock steps back', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    await changeAddress(system, attacker, 'one@example.com');
    system.clock.advance(-10 * SECOND);
    await changeAddress(system, attacker, 'two@example.com');
    const own = await undoPath(system, 'one@example.com');
    assert.equal(
      (await openAndConfirmLink(system.visitor(), await undoPath(system, ADDRESS), UNDO)).status,
      303,
    );
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
    await attacker.get(own);
    assert.equal((await attacker.get(UNDO)).status, 410);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
  });
});

onEveryDatabase('a session that ends while a request is under way', (engine) => {
  it('A11: cannot change the email address', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    await requestAddressChange(system, attacker, NEW_ADDRESS);
    await attacker.get(await confirmPath(system));
    const csrf = await attacker.token(CONFIRM);
    const { core } = reachInside(system, 'the session must end in the middle of its request');
    const { id } = await accountOf(system);
    const { read } = core.oneTimeTokens;
    Object.assign(core.oneTimeTokens, {
      // Between the request's session check and the change, the owner ends the session.
      read: async (...about: Parameters<typeof read>) => {
        await core.lifecycle.signOut(id);
        return read(...about);
      },
    });
    assert.equal((await attacker.post(CONFIRM, { csrf })).status, 410);
    assert.deepEqual(await addressOf(system), { email: ADDRESS, isConfirmed: true });
    assert.deepEqual(await mailsOf(system, 'address-changed'), []);
  });

  for (const isFirst of [false, true])
    it(`A11: cannot ${isFirst ? 'set a first password' : 'change the password'}`, async () => {
      await using system = await startWithAda(engine);
      const attacker = await signInAsThief(system);
      const { lifecycle, database } = reachInside(
        system,
        'the session must end in the middle of its request',
      ).core;
      if (isFirst) await database.queries.deleteFrom('passwords').execute();
      const csrf = await attacker.token('/account/password');
      const { id } = await accountOf(system);
      const { reached, release } = system.hasher.holdHashes();
      const changing = attacker.post('/account/password', { csrf, 'new-password': NEW_PASSWORD });
      await reached;
      await lifecycle.signOut(id);
      release();
      const answer = await changing;
      assert.equal(answer.status, 401);
      assert.deepEqual(await acceptedPasswords(system, [NEW_PASSWORD]), []);
    });
});

onEveryDatabase('a pending sign-in that requires a new password', (engine) => {
  it('A11: does not replace a password that was reset in the meantime', async () => {
    await using system = await startWithLinks(engine);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    await flagPasswordsAsBreached(system);
    const late = system.visitorFrom(newAddress());
    assert.equal((await late.get(ASK)).status, 200);
    await requestLink(system, late, ADA.username);
    await late.get((await newestLink(system)).path);
    assert.equal((await late.submit(OPEN, {})).location, '/login/new-password');
    const csrf = await late.token('/login/new-password');
    const { reached, release } = system.hasher.holdVerifications();
    const changing = late.post('/login/new-password', { csrf, 'new-password': OTHER_PASSWORD });
    await reached;
    const answer = await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    assert.equal(answer.location, '/login');
    release();
    assert.equal((await changing).location, '/login');
    assert.equal(await isSignedIn(late), false);
    assert.deepEqual(await acceptedPasswords(system, [OTHER_PASSWORD, NEW_PASSWORD]), [NEW_PASSWORD]);
  });
});
