import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  changeAddress,
  mailsOf,
  NEW_ADDRESS,
  newestConfirmation,
  openAndConfirm,
  openAndConfirmLink,
  openAndReset,
  REPORT,
  registerAda,
  reportPath,
  requestResetPath,
  resetPathsTo,
  startWithAda,
} from '../kit/mailed-links.ts';
import { disableAccount, settleRequests, startSystem, type TestSystem } from '../kit/system.ts';
import { resetCounters } from '../kit/throttling.ts';
import { ADA, isSignedIn, pathTo, signInAsThief } from '../kit/visitor.ts';

const DEVICE = 'latchkey-device';
const NEW_PASSWORD = 'four grey herons on a pier';

function notices(system: TestSystem) {
  return mailsOf(system, 'signed-in-from-new-device');
}

onEveryDatabase('a sign-in from a new device', (engine) => {
  it('is reported to the owner of the account with the browser, the address and the link “this was not me”', async () => {
    await using system = await startWithAda(engine);
    const visitor = system.visitorFrom('192.0.2.7');
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
    const csrf = await visitor.token('/login');
    await visitor.post('/login', { csrf, ...ADA }, { 'user-agent': userAgent });
    const [notice, ...others] = await notices(system);
    assert.deepEqual([notice?.to, others], [ADDRESS, []]);
    assert.match(String(notice?.text), /Firefox on Linux, address 192\.0\.2\.7/);
    assert.match(String(notice?.text), /This was not me/);
  });

  it('is reported once for each browser, but not for the browser that registered the account', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    const ada = await registerAda(system);
    await openAndConfirm(ada, (await newestConfirmation(system)).path);
    for (let times = 0; times < 2; times += 1) {
      await ada.signIn(ADA.username, ADA.password);
      await ada.signOut();
    }
    assert.deepEqual(await notices(system), []);
    const other = system.visitor();
    for (let times = 0; times < 2; times += 1) {
      await other.signIn(ADA.username, ADA.password);
      await other.signOut();
    }
    assert.equal((await notices(system)).length, 1);
  });

  it('is also reported for a known browser on another network', async () => {
    await using system = await startWithAda(engine);
    const home = system.visitorFrom('192.0.2.7');
    await home.signIn(ADA.username, ADA.password);
    await home.signOut();
    const neighbour = system.visitorFrom('192.0.99.7');
    const elsewhere = system.visitorFrom('198.51.100.7');
    const reports: number[] = [];
    for (const visitor of [neighbour, elsewhere, home, elsewhere]) {
      visitor.cookies.set(DEVICE, String(home.cookies.get(DEVICE)));
      await visitor.signIn(ADA.username, ADA.password);
      home.cookies.set(DEVICE, String(visitor.cookies.get(DEVICE)));
      await visitor.signOut();
      reports.push((await notices(system)).length);
    }
    assert.deepEqual(reports, [1, 2, 2, 2]);
  });

  it('A11: is also reported for a browser that was known before a password reset', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    await attacker.signOut();
    await openAndReset(system.visitor(), await requestResetPath(system), NEW_PASSWORD);
    const before = (await notices(system)).length;
    assert.equal((await attacker.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    assert.equal((await notices(system)).length, before + 1);
  });

  it('is not reported to an unconfirmed address', async () => {
    await using system = await startSystem({ email: 'optional' }, engine);
    await registerAda(system);
    await signInAsThief(system);
    assert.deepEqual(await notices(system), []);
  });

  it('is reported at most twenty times an hour, and still succeeds after that', async () => {
    await using system = await startWithAda(engine);
    for (let times = 0; times < 22; times += 1) await signInAsThief(system);
    assert.equal((await notices(system)).length, 20);
  });
});

onEveryDatabase('“this was not me”', (engine) => {
  it('A11: ends every session, disables the password, and starts a password reset', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    const owner = system.visitor();
    await owner.get(await reportPath(system));
    system.clock.advance(SECOND);
    const answer = await owner.submit(REPORT, {});
    assert.deepEqual([answer.status, answer.location], [303, '/login']);
    assert.match((await owner.get('/login')).body, /your password no longer works/);
    assert.equal(await isSignedIn(attacker), false);
    await resetCounters(system);
    assert.equal((await attacker.signIn(ADA.username, ADA.password)).status, 401);
    const [path = ''] = await resetPathsTo(system);
    assert.equal((await openAndReset(owner, path, NEW_PASSWORD)).status, 303);
    assert.equal((await owner.signIn(ADA.username, NEW_PASSWORD)).location, '/dashboard');
    assert.ok(system.events.some(({ type }) => type === 'sign-in-reported'));
  });

  it('A14: takes effect only by a POST, once, and within seven days', async () => {
    await using system = await startWithAda(engine);
    const attacker = await signInAsThief(system);
    const path = await reportPath(system);
    const scanner = system.visitor();
    assert.equal(pathTo(await scanner.get(path)), REPORT);
    for (let times = 0; times < 3; times += 1) assert.equal((await scanner.get(REPORT)).status, 200);
    assert.equal(await isSignedIn(attacker), true);
    system.clock.advance(7 * DAY);
    assert.equal((await scanner.get(REPORT)).status, 410);
    const other = await signInAsThief(system);
    await scanner.get(await reportPath(system));
    const csrf = await scanner.token(REPORT);
    assert.equal((await scanner.post(REPORT, { csrf })).status, 303);
    assert.equal(await isSignedIn(other), false);
    await scanner.get(await reportPath(system));
    assert.equal((await scanner.get(REPORT)).status, 410, 'once');
  });

  it('A13: rejects a token of another purpose, and its own token is valid for nothing else', async () => {
    await using system = await startWithAda(engine);
    await signInAsThief(system);
    const token = String(new URLSearchParams((await reportPath(system)).split('?')[1]).get('token'));
    const visitor = system.visitor();
    await visitor.get(`/reset-password?token=${token}`);
    assert.equal((await visitor.get('/reset-password')).status, 410);
    await visitor.submit('/forgot-password', { username: ADDRESS });
    await settleRequests(system);
    const [reset = ''] = await resetPathsTo(system);
    await visitor.get(reset.replace('/reset-password', REPORT));
    assert.equal((await visitor.get(REPORT)).status, 410);
  });

  it('A16: does nothing once the account has another email address', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAsThief(system);
    const path = await reportPath(system);
    await changeAddress(system, ada, NEW_ADDRESS);
    assert.equal((await openAndConfirmLink(system.visitor(), path, REPORT)).status, 410);
    assert.equal(await isSignedIn(ada), true);
  });

  it('A12: sends no reset mail to a disabled user', async () => {
    await using system = await startWithAda(engine);
    await signInAsThief(system);
    await disableAccount(system, ADA.username);
    const owner = system.visitor();
    await owner.get(await reportPath(system));
    assert.equal((await owner.submit(REPORT, {})).status, 303);
    assert.deepEqual(await resetPathsTo(system), []);
  });
});
