import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HOUR, SECOND } from '../../src/platform/runtime/clock.ts';
import { onEveryDatabase } from '../kit/databases.ts';
import { ADDRESS, startWithAda } from '../kit/mailed-links.ts';
import { disableAccount, existingAccountId, reachInside, type TestSystem } from '../kit/system.ts';
import { ADA, BEN, presentToken, rotateToken, SESSION, type Visitor } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';

/** Makes every change to Ada's account of which its owner is notified and that does not delete it. */
async function doEverything(system: TestSystem): Promise<void> {
  const ada = system.visitor();
  await ada.signIn(ADA.username, ADA.password);
  await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
  const old = String(ada.cookies.get(SESSION));
  // The owner used the successor: without that, an old token is no evidence of theft.
  await presentToken(system, await rotateToken(system, ada));
  system.clock.advance(HOUR);
  await presentToken(system, old);
  await system.visitor().register(BEN.username, BEN.password, ADDRESS);
  await ada.signIn(ADA.username, NEW_PASSWORD);
  await ada.submit('/account/delete', {});
  await ada.signIn(ADA.username, NEW_PASSWORD);
  await disableAccount(system, ADA.username);
  const { lifecycle } = reachInside(system, 'operators enable accounts, and have no pages').core;
  await lifecycle.enable(await existingAccountId(system, ADA.username));
  system.clock.advance(SECOND);
}

async function open(visitor: Visitor, path: string): Promise<void> {
  const { status, location } = await visitor.get(path);
  assert.ok(status < 400, `${path}: ${status}`);
  if (location !== null) await visitor.get(location);
}

/** The state that opening a link could change. */
async function rowsOf(system: TestSystem) {
  const { queries } = reachInside(system, 'no page shows every row that a link could change').core.database;
  return {
    accounts: await queries.selectFrom('accounts').selectAll().execute(),
    passwords: await queries.selectFrom('passwords').selectAll().execute(),
    sessions: await queries.selectFrom('sessions').select('id').execute(),
    tokens: await queries.selectFrom('one_time_tokens').selectAll().execute(),
    mails: await queries.selectFrom('mail_outbox').select('id').execute(),
  };
}

onEveryDatabase('the links in notices', (engine) => {
  it('A14: change nothing when a scanner or the signed-in owner opens them', async () => {
    await using system = await startWithAda(engine);
    await doEverything(system);
    const ada = system.visitor();
    await ada.signIn(ADA.username, NEW_PASSWORD);
    const { mail } = reachInside(system, 'the page of the mailbox does not name the notices').core;
    const mails = (await mail.mailbox?.list()) ?? [];
    assert.deepEqual([...new Set(mails.map(({ message }) => message))].sort(), [
      'account-deletion-requested',
      'account-disabled',
      'confirm-address',
      'password-changed',
      'registration-attempted',
      'session-ended-after-theft',
      'signed-in-from-new-device',
    ]);
    const before = await rowsOf(system);
    for (const { text, message } of mails) {
      const links = [...text.matchAll(/https?:\/\/\S+/g)].map(([link]) => link);
      assert.equal(links.length === 0, message === 'account-disabled', message);
      for (const link of links) {
        assert.ok(link.startsWith(`${system.origin}/`), link);
        for (const visitor of [system.visitor(), ada]) await open(visitor, link.slice(system.origin.length));
        assert.deepEqual(await rowsOf(system), before, message);
      }
    }
    assert.equal((await ada.get('/api/session')).status, 200);
  });
});
