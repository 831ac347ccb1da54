import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createHasher } from '../../src/features/passwords/index.ts';
import { MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  acceptedPasswords,
  mailsOf,
  newestConfirmation,
  openAndConfirm,
  registerAda,
} from '../kit/mailed-links.ts';
import { rowsIn } from '../kit/sign-in-steps.ts';
import { existingAccountId, reachInside, startSystem, storedHashes } from '../kit/system.ts';
import {
  ADA,
  changePassword,
  NEW_PASSWORD,
  PASSWORD_PAGE,
  presentToken,
  SESSION,
  signInAda,
  signInAs,
} from '../kit/visitor.ts';

onEveryDatabase('a change of password', (engine) => {
  it('A11: refuses a sign-in with the old password that was under way', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const late = system.visitor();
    const { reached, release } = system.hasher.holdVerifications();
    const signingIn = late.signIn(ADA.username, ADA.password);
    await reached;
    assert.equal((await changePassword(ada)).status, 303);
    release();
    const answer = await signingIn;
    assert.equal(answer.status, 401);
    assert.match(answer.body, /Invalid username or password/);
    assert.equal(late.cookies.has(SESSION), false);
    assert.equal((await rowsIn(system, 'sessions')).length, 1);
    const refused = system.events.flatMap((event) =>
      event.type === 'sign-in-refused' ? [event.reason] : [],
    );
    assert.deepEqual(refused, ['credential-changed']);
  });

  it('I02: leaves unknown a browser that signs in with the old password at the same moment', async () => {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isHeld = false;
    const features = () => [
      {
        name: 'held-sign-in',
        needs: [],
        routes: [],
        afterSignIn: [
          async () => {
            if (!isHeld) return true;
            reached.resolve();
            await released.promise;
            return true;
          },
        ],
      },
    ];
    await using system = await startSystem({ email: 'required' }, engine, { features });
    const ada = await registerAda(system);
    await openAndConfirm(ada, (await newestConfirmation(system)).path);
    await signInAs(ada);
    isHeld = true;
    const late = system.visitor();
    const signingIn = late.signIn(ADA.username, ADA.password);
    await reached.promise;
    assert.equal((await changePassword(ada)).location, '/account');
    released.resolve();
    await signingIn;
    assert.equal((await late.get('/api/session')).status, 401);
    const before = (await mailsOf(system, 'signed-in-from-new-device')).length;
    await signInAs(late, { ...ADA, password: NEW_PASSWORD });
    assert.equal((await mailsOf(system, 'signed-in-from-new-device')).length, before + 1);
  });

  it('A11: ends every session that begins with the old password at the same moment', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const csrf = await ada.token(PASSWORD_PAGE);
    const others = Array.from({ length: 16 }, system.visitor);
    const attempts = others.map((other) => other.signIn(ADA.username, ADA.password));
    await Promise.all([ada.post(PASSWORD_PAGE, { csrf, 'new-password': NEW_PASSWORD }), ...attempts]);
    for (const other of others) assert.equal((await other.get('/api/session')).status, 401);
    assert.equal((await ada.get('/api/session')).status, 200);
  });

  it('A15: succeeds once when sixteen devices give the old password at once', async () => {
    await using system = await startSystem({}, engine);
    await signInAda(system);
    const browsers = await Promise.all(Array.from({ length: 16 }, () => signInAs(system.visitor())));
    system.clock.advance(11 * MINUTE);
    const passwords = browsers.map((_, number) => `grey herons on pier no. ${number}!`);
    const tokens = await Promise.all(browsers.map((browser) => browser.token(PASSWORD_PAGE)));
    const answers = await Promise.all(
      browsers.map((browser, number) =>
        browser.post(PASSWORD_PAGE, {
          csrf: String(tokens[number]),
          'current-password': ADA.password,
          'new-password': String(passwords[number]),
        }),
      ),
    );
    const winners = answers.flatMap(({ location }, number) => (location === '/account' ? [number] : []));
    assert.equal(winners.length, 1);
    const kept = winners.map((number) => passwords[number]);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, ...passwords]), kept);
    const alive = await Promise.all(browsers.map((browser) => browser.get('/api/session')));
    assert.equal(alive.filter(({ status }) => status === 200).length, 1);
  });

  it('A15: succeeds once when sixteen requests of one fresh session make it at once', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    system.clock.advance(MINUTE);
    const csrf = await ada.token(PASSWORD_PAGE);
    const passwords = Array.from({ length: 16 }, (_, number) => `grey herons on pier no. ${number}!`);
    const answers = await Promise.all(
      passwords.map((password) => ada.post(PASSWORD_PAGE, { csrf, 'new-password': password })),
    );
    const results = answers.map(({ status, location }) => `${status} ${location ?? ''}`);
    assert.equal(results.filter((result) => result === '303 /account').length, 1, results.join(', '));
    assert.equal((await acceptedPasswords(system, passwords)).length, 1);
  });

  it('succeeds when the check of the old password also replaces its hash', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const { queries } = reachInside(system, 'a hash as weaker parameters made it').core.database;
    const weak = createHasher({ memoryKibibytes: 64, passes: 1, lanes: 1 });
    const hash = await weak.hash(ADA.password);
    await weak.close();
    await queries.updateTable('passwords').set({ hash }).execute();
    assert.equal((await changePassword(ada, NEW_PASSWORD, ADA.password)).status, 303);
    assert.deepEqual(await acceptedPasswords(system, [ADA.password, NEW_PASSWORD]), [NEW_PASSWORD]);
  });

  it('is kept when its session ends at the same moment, and does not revive the session', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const csrf = await ada.token(PASSWORD_PAGE);
    const { hasher } = system;
    const { reached, release } = hasher.holdVerifications();
    const changing = ada.post(PASSWORD_PAGE, {
      csrf,
      'current-password': ADA.password,
      'new-password': NEW_PASSWORD,
    });
    await reached;
    const { lifecycle } = reachInside(system, 'the session must end in the middle of its request').core;
    await lifecycle.signOut(await existingAccountId(system, ADA.username));
    release();
    assert.equal((await changing).location, '/login');
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).status, 303);
  });

  it('A58: is not made when the token of the session cannot be replaced', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system);
    const before = await storedHashes(system);
    const token = String(ada.cookies.get(SESSION));
    const csrf = await ada.token(PASSWORD_PAGE);
    const { sessions } = reachInside(system, 'the change must fail at its last step').core;
    Object.assign(sessions, {
      renew: async () => {
        throw new Error('the token could not be replaced');
      },
    });
    assert.equal((await ada.post(PASSWORD_PAGE, { csrf, 'new-password': NEW_PASSWORD })).status, 500);
    assert.deepEqual(await storedHashes(system), before);
    assert.equal((await presentToken(system, token)).status, 200);
  });
});
