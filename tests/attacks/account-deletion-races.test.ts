import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS } from '../kit/mailed-links.ts';
import { eventsOf, reachInside, startSystem } from '../kit/system.ts';
import {
  ADA,
  changePassword,
  DELETION_PAGE,
  NEW_PASSWORD,
  requestDeletion,
  signInAda,
} from '../kit/visitor.ts';

onEveryDatabase('the deletion of an account', (engine) => {
  it('A12: ends every session that begins while the account is being deleted, and no sign-in fails with an error', async () => {
    await using system = await startSystem({ deletionDelay: '0s' }, engine);
    const ada = await signInAda(system, ADDRESS);
    const csrf = await ada.token(DELETION_PAGE);
    const others = Array.from({ length: 16 }, system.visitor);
    const attempts = others.map((other) => other.signIn(ADA.username, ADA.password));
    const first = await Promise.any(attempts);
    assert.equal(first.status, 303);
    const [deletion, ...answers] = await Promise.all([ada.post(DELETION_PAGE, { csrf }), ...attempts]);
    assert.equal(deletion.status, 303);
    for (const { status } of answers) assert.ok(status === 303 || status === 401, String(status));
    for (const other of others) assert.equal((await other.get('/api/session')).status, 401);
    const { queries } = reachInside(system, 'no page lists the sessions of a deleted account').core.database;
    assert.deepEqual(await queries.selectFrom('sessions').select('id').execute(), []);
  });

  it('I09: is not cancelled by a sign-in with a password that was changed meanwhile', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    const { reached, release } = system.hasher.holdVerifications();
    const late = system.visitor().signIn(ADA.username, ADA.password);
    await reached;
    await changePassword(ada);
    await requestDeletion(ada);
    release();
    assert.equal((await late).status, 401);
    assert.deepEqual(eventsOf(system, 'account-deletion-cancelled'), []);
    assert.equal((await system.visitor().signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    assert.equal(eventsOf(system, 'account-deletion-cancelled').length, 1);
  });

  it('is cancelled once when sixteen browsers sign in at once, and all of them are signed in', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    await ada.submit(DELETION_PAGE, {});
    const browsers = Array.from({ length: 16 }, system.visitor);
    await Promise.all(browsers.map((browser) => browser.signIn(ADA.username, ADA.password)));
    assert.equal(eventsOf(system, 'account-deletion-cancelled').length, 1);
    const answers = await Promise.all(browsers.map((browser) => browser.get('/api/session')));
    for (const { status } of answers) assert.equal(status, 200);
  });
});
