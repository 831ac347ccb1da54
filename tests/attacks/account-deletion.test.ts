import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, MINUTE } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS } from '../kit/mailed-links.ts';
import {
  accountIdOf,
  deleteExpired,
  disableAccount,
  existingAccountId,
  reachInside,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { ADA, BEN, DELETION_PAGE, signInAda } from '../kit/visitor.ts';

function typesOf({ events }: TestSystem): readonly string[] {
  return events.map(({ type }) => type).filter((type) => type.startsWith('account-'));
}

async function statusOfSignIn(system: TestSystem): Promise<number> {
  return (await system.visitor().signIn(ADA.username, ADA.password)).status;
}

onEveryDatabase('the deletion of an account', (engine) => {
  it('A12: signs the owner out on every device at the next request, and announces when it will happen', async () => {
    await using system = await startSystem({}, engine);
    const here = await signInAda(system, ADDRESS);
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    const cookies = new Map(here.cookies);
    const page = await here.get(DELETION_PAGE);
    assert.match(page.body, /<time datetime="2026-01-08T12:00:00\.000Z">/, 'seven days from now');
    const answer = await here.submit(DELETION_PAGE, {});
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.equal(answer.headers.get('clear-site-data'), '"storage"');
    assert.equal(here.cookies.has('latchkey'), false);
    assert.match(
      (await here.get('/login')).body,
      /your account will be deleted at the time that was shown\. To keep it after all, sign in/,
    );
    for (const [name, value] of cookies) here.cookies.set(name, value);
    for (const browser of [here, elsewhere]) assert.equal((await browser.get('/api/session')).status, 401);
    assert.deepEqual(typesOf(system), ['account-deletion-requested']);
  });

  it('is cancelled by a sign-in before it is due, and then nothing is deleted', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    await ada.submit(DELETION_PAGE, {});
    system.clock.advance(7 * DAY - 1);
    assert.equal((await ada.signIn(ADA.username, ADA.password)).location, '/dashboard');
    assert.match((await ada.get('/dashboard')).body, /Welcome back\. Your account will not be deleted\./);
    system.clock.advance(MINUTE);
    await deleteExpired(system);
    assert.equal((await ada.get('/api/session')).status, 200);
    assert.deepEqual(typesOf(system), ['account-deletion-requested', 'account-deletion-cancelled']);
  });

  it('is not cancelled by a wrong password', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    await ada.submit(DELETION_PAGE, {});
    assert.equal((await ada.signIn(ADA.username, BEN.password)).status, 401);
    system.clock.advance(7 * DAY);
    await deleteExpired(system);
    assert.equal(await accountIdOf(system, ADA.username), null);
  });

  it('A12: takes effect when it is due, and then the username and the address are free', async () => {
    await using system = await startSystem({ deletionDelay: '2d' }, engine);
    const ada = await signInAda(system, ADDRESS);
    await ada.submit(DELETION_PAGE, {});
    system.clock.advance(2 * DAY);
    const late = await ada.signIn(ADA.username, ADA.password);
    assert.equal(late.status, 401, 'although the rows are still there');
    assert.match(late.body, /Invalid username or password/);
    await deleteExpired(system);
    assert.equal(await statusOfSignIn(system), 401);
    const again = await system.visitor().register(ADA.username, 'six red kites over town', 'ada@example.org');
    assert.equal(again.status, 303);
    assert.equal((await system.visitor().signIn(BEN.username, BEN.password)).status, 303);
    assert.deepEqual(typesOf(system), ['account-deletion-requested', 'account-deleted']);
  });

  it('A12: takes effect at once when the deletion delay is zero', async () => {
    await using system = await startSystem({ deletionDelay: '0s' }, engine);
    const ada = await signInAda(system, ADDRESS);
    assert.match((await ada.get(DELETION_PAGE)).body, /at once and cannot be undone/);
    const token = String(ada.cookies.get('latchkey'));
    assert.equal((await ada.submit(DELETION_PAGE, {})).location, '/login');
    assert.match((await ada.get('/login')).body, /Your account was deleted\./);
    ada.cookies.set('latchkey', token);
    assert.equal((await ada.get('/api/session')).status, 401);
    assert.equal(await statusOfSignIn(system), 401);
    assert.equal((await system.visitor().register(ADA.username, ADA.password)).status, 303);
    assert.deepEqual(typesOf(system), ['account-deleted']);
  });

  it('A12: is not cancelled by a sign-in to a disabled account', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    await ada.submit(DELETION_PAGE, {});
    await disableAccount(system, ADA.username);
    assert.equal(await statusOfSignIn(system), 401);
    system.clock.advance(7 * DAY);
    await deleteExpired(system);
    assert.equal(await accountIdOf(system, ADA.username), null);
  });

  it('A38: requires the password again when the last proof is too old, and then returns to its page', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    const csrf = await ada.token('/dashboard');
    system.clock.advance(10 * MINUTE);
    const confirm = '/account/confirm?next=%2Faccount%2Fdelete';
    assert.equal((await ada.get(DELETION_PAGE)).location, confirm);
    assert.equal((await ada.post(DELETION_PAGE, { csrf })).location, confirm);
    assert.deepEqual(typesOf(system), [], 'nothing has happened');
    const wrong = await ada.submit(confirm, { next: DELETION_PAGE, password: BEN.password });
    assert.equal(wrong.status, 401, 'somebody else’s password is none');
    assert.equal((await ada.get(DELETION_PAGE)).location, confirm);
    assert.equal(
      (await ada.submit(confirm, { next: DELETION_PAGE, password: ADA.password })).location,
      DELETION_PAGE,
    );
    assert.equal((await ada.get(DELETION_PAGE)).status, 200);
    assert.equal((await ada.submit(DELETION_PAGE, {})).location, '/login');
    assert.deepEqual(typesOf(system), ['account-deletion-requested']);
  });

  it('A17: affects the signed-in user only, whatever additional fields the form contains', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    const id = await existingAccountId(system, ADA.username);
    const ben = await existingAccountId(system, BEN.username);
    await ada.submit(DELETION_PAGE, {
      id: ben,
      account_id: ben,
      username: BEN.username,
      delete_at: '1',
    });
    const { accounts } = reachInside(
      system,
      'no page shows when the account of a signed-out user is due',
    ).core;
    assert.equal((await accounts.read(ben))?.deleteAt, null);
    assert.equal((await accounts.read(id))?.deleteAt, system.clock.read() + 7 * DAY);
  });

  it('A12 A17 A38: has the same effect over JSON, and requires fresh authentication there, too', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    const elsewhere = system.visitor();
    await elsewhere.signIn(ADA.username, ADA.password);
    const ask = () => ada.postJson(`/api${DELETION_PAGE}`, { username: BEN.username, deleteAt: '1' });
    system.clock.advance(10 * MINUTE);
    const stale = await ask();
    assert.equal(stale.status, 401);
    assert.equal(JSON.parse(stale.body).problems[0].reason, 'fresh-authentication-required');
    assert.deepEqual(typesOf(system), []);
    await ada.postJson('/api/account/confirm', { password: ADA.password });
    const answer = await ask();
    assert.equal(answer.status, 200);
    const { next, messages } = JSON.parse(answer.body);
    assert.equal(next, '/login');
    assert.match(messages[0].text, /your account will be deleted/);
    for (const browser of [ada, elsewhere]) assert.equal((await browser.get('/api/session')).status, 401);
    assert.equal((await ask()).status, 401);
    assert.deepEqual(typesOf(system), ['account-deletion-requested']);
    assert.equal((await system.visitor().signIn(BEN.username, BEN.password)).location, '/dashboard');
  });

  it('A29: requires the CSRF token of its form, and a link does nothing', async () => {
    await using system = await startSystem({}, engine);
    const ada = await signInAda(system, ADDRESS);
    assert.equal((await ada.post(DELETION_PAGE, { csrf: 'none' })).status, 403);
    await ada.get(`${DELETION_PAGE}?csrf=${await ada.token(DELETION_PAGE)}`);
    assert.deepEqual(typesOf(system), []);
  });
});
