import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { locationRecord, writeGeoipDatabase } from '../../../tests/kit/geoip-database.ts';
import { accountIdOf, startSystem } from '../../../tests/kit/system.ts';
import { temporaryFolder } from '../../../tests/kit/temporary.ts';
import {
  ADA,
  browsersOf,
  DEVICES_PAGE,
  endOtherSessions,
  endSession,
  presentToken,
  rotateToken,
  sessionIdOf,
  signedIn,
  signInOn,
  type Visitor,
} from '../../../tests/kit/visitor.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../platform/runtime/clock.ts';

const CHROME_ON_ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36';

/** The entries of the page as they are read, in their order. */
async function entries(visitor: Visitor): Promise<readonly string[]> {
  const { body } = await visitor.get(DEVICES_PAGE);
  const items = [...body.matchAll(/<li>(.*?)<\/li>/gs)].map(([, item = '']) => item);
  return items.map((item) =>
    item
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

describe('the list of sessions of an account', () => {
  it('shows for each its browser, sign-in time, last use, address and method', async () => {
    await using system = await startSystem();
    await system.visitor().register(ADA.username, ADA.password);
    const phone = system.visitorFrom('198.51.100.4');
    await signInOn(phone, ADA, { userAgent: CHROME_ON_ANDROID, isRemembered: true });
    system.clock.advance(DAY);
    await phone.get('/dashboard');
    system.clock.advance(2 * HOUR);
    const desk = await signInOn(system.visitorFrom('2001:db8::5'), ADA);
    assert.deepEqual(await entries(desk), [
      'Firefox on Linux This browser Sign out Firefox on Linux, last seen 2 Jan 2026, 14:00 UTC' +
        ' Last seen just now 2 Jan 2026, 14:00 UTC Signed in 2 Jan 2026, 14:00 UTC with a password' +
        ' Address 2001:db8::5 Kept signed in No',
      'Chrome on Android Sign out Chrome on Android, last seen 2 Jan 2026, 12:00 UTC' +
        ' Last seen 2 hours ago 2 Jan 2026, 12:00 UTC Signed in 1 Jan 2026, 12:00 UTC with a password' +
        ' Address 198.51.100.4 Kept signed in Yes until 31 Jan 2026, 12:00 UTC',
    ]);
  });

  it('begins with the current browser, then the last used, without expired sessions', async () => {
    await using system = await startSystem({ sessionIdle: '4h' });
    await system.visitor().register(ADA.username, ADA.password);
    const names = ['one/1', 'two/2', 'three/3', 'four/4'];
    const browsers: Visitor[] = [];
    for (const userAgent of names) {
      browsers.push(await signInOn(system.visitor(), ADA, { userAgent }));
      system.clock.advance(HOUR);
    }
    const [, two] = browsers;
    assert.ok(two);
    const order = async () => (await entries(two)).map((entry) => /“(\w+)/.exec(entry)?.[1]);
    assert.deepEqual(await order(), ['two', 'four', 'three']);
    // Within a minute “last seen” is not written again, so that another may seem to have been used later.
    system.clock.advance(10 * SECOND);
    await signInOn(system.visitor(), ADA, { userAgent: 'five/5' });
    assert.deepEqual(await order(), ['two', 'five', 'four', 'three']);
  });

  it('A10: leaves out a session that was ended because its token was stolen', async () => {
    await using system = await startSystem();
    const { ada, token } = await signedIn(system);
    const elsewhere = await signInOn(system.visitor(), ADA);
    assert.equal((await entries(elsewhere)).length, 2);
    assert.equal((await presentToken(system, await rotateToken(system, ada))).status, 200);
    system.clock.advance(MINUTE);
    assert.equal((await presentToken(system, token)).status, 401);
    assert.equal((await entries(elsewhere)).length, 1);
  });

  it('shows approximate places if the operator has a database of them, but not for private addresses', async () => {
    using folder = temporaryFolder();
    const geoipDatabase = join(folder.path, 'places.mmdb');
    const berlin = locationRecord('Berlin <b>', 'Germany');
    writeGeoipDatabase(geoipDatabase, { '9.9.9.4': berlin, '192.168.1.9': berlin });
    await using system = await startSystem({ geoipDatabase });
    await system.visitor().register(ADA.username, ADA.password);
    await signInOn(system.visitorFrom('9.9.9.4'), ADA);
    system.clock.advance(MINUTE);
    const atHome = await signInOn(system.visitorFrom('192.168.1.9'), ADA);
    const [home, away] = await entries(atHome);
    assert.match(String(away), /Address 9\.9\.9\.4 about Berlin &lt;b&gt;, Germany Kept/);
    assert.match(String(home), /Address 192\.168\.1\.9 Kept/);
  });

  it('has a button for each session, and one for all others if there are any', async () => {
    await using system = await startSystem();
    const [only] = await browsersOf(system, ADA, 1);
    assert.ok(only);
    const alone = (await only.get(DEVICES_PAGE)).body;
    assert.match(alone, /You are signed in nowhere else\./);
    assert.doesNotMatch(alone, /Sign out everywhere else/);
    await signInOn(system.visitor(), ADA);
    const { body } = await only.get(DEVICES_PAGE);
    assert.match(body, /Sign out everywhere else/);
    assert.equal(body.match(/name="session" value=/g)?.length, 2);
  });

  it('is linked from the dashboard', async () => {
    await using system = await startSystem();
    const [ada] = await browsersOf(system, ADA, 1);
    assert.match(String((await ada?.get('/dashboard'))?.body), new RegExp(`<a href="${DEVICES_PAGE}">`));
  });
});

describe('ending sessions', () => {
  it('is reported on the page and to observers, with the account, the session and the session that ended it', async () => {
    await using system = await startSystem();
    const [mine, others] = await browsersOf(system, ADA, 2);
    assert.ok(mine && others);
    const [id, endedBy] = [await sessionIdOf(others), await sessionIdOf(mine)];
    await endSession(mine, id);
    assert.match(
      (await mine.get(DEVICES_PAGE)).body,
      /flash success" role="status">That browser is signed out now\./,
    );
    await endSession(mine, id);
    assert.match(
      (await mine.get(DEVICES_PAGE)).body,
      /flash notice" role="status">That browser was signed out already\./,
    );
    const announced = system.events.filter(({ type }) => type === 'session-ended');
    const accountId = await accountIdOf(system, ADA.username);
    assert.equal(announced.length, 1);
    assert.partialDeepStrictEqual(announced[0], { accountId, sessionId: id, endedBy });
  });

  it('is reported with their number if it ends all other sessions', async () => {
    await using system = await startSystem();
    const [mine] = await browsersOf(system, ADA, 4);
    assert.ok(mine);
    assert.equal((await endOtherSessions(mine)).location, DEVICES_PAGE);
    assert.match((await mine.get(DEVICES_PAGE)).body, /You are signed out in 3 other places now\./);
    await signInOn(system.visitor(), ADA);
    await endOtherSessions(mine);
    assert.match((await mine.get(DEVICES_PAGE)).body, /You are signed out in 1 other place now\./);
    await endOtherSessions(mine);
    assert.match((await mine.get(DEVICES_PAGE)).body, /role="status">You were signed in nowhere else\./);
    const announced = system.events.filter(({ type }) => type === 'other-sessions-ended');
    const keptSessionId = await sessionIdOf(mine);
    assert.partialDeepStrictEqual(announced, [
      { keptSessionId, count: 3 },
      { keptSessionId, count: 1 },
    ]);
  });
});
