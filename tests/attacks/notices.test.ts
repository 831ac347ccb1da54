import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY } from '../../src/platform/runtime/clock.ts';
import { LISTED_PASSWORD, setPassword } from '../kit/breached-passwords.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import { locationRecord, writeGeoipDatabase } from '../kit/geoip-database.ts';
import { ADDRESS, mailsOf, recipientsNamed, registerAda, startWithAda } from '../kit/mailed-links.ts';
import { runCommands } from '../kit/processes.ts';
import {
  accountIdOf,
  deleteExpired,
  reachInside,
  SECRET_KEY,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA, requestDeletion, signInAs } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

async function startWithLocations(engine: Engine, folder: string): Promise<TestSystem> {
  const geoipDatabase = `${folder}/places.mmdb`;
  writeGeoipDatabase(geoipDatabase, { '9.9.9.4': locationRecord('Berlin', 'Germany') });
  return startWithAda(engine, { email: 'required', geoipDatabase });
}

onEveryDatabase('the owner of an account', (engine) => {
  it('is notified of a changed password with the browser, the location, the time and a link to reset it', async () => {
    using folder = temporaryFolder();
    await using system = await startWithLocations(engine, folder.path);
    const ada = await signInAs(system.visitorFrom('9.9.9.4'));
    const fields = { 'new-password': NEW_PASSWORD };
    await ada.submit('/account/password', fields, { 'user-agent': FIREFOX });
    const [notice, ...others] = await mailsOf(system, 'password-changed');
    assert.deepEqual([notice?.to, others], [ADDRESS, []]);
    const text = String(notice?.text);
    assert.match(text, /Firefox on Linux, about Berlin, Germany, address 9\.9\.9\.4/);
    assert.match(text, /When: .*UTC/);
    assert.ok(text.includes(`${system.origin}/forgot-password`));
  });

  it('is notified when a breached password is replaced during a sign-in', async () => {
    await using system = await startWithAda(engine);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    const ada = system.visitor();
    await ada.signIn(ADA.username, LISTED_PASSWORD);
    await ada.submit('/login/new-password', { 'new-password': NEW_PASSWORD });
    assert.deepEqual(await recipientsNamed(system, 'password-changed'), [ADDRESS]);
  });

  it('is notified of a deletion that takes effect at once', async () => {
    await using system = await startWithAda(engine, { email: 'required', deletionDelay: '0s' });
    await requestDeletion(await signInAs(system.visitor()));
    assert.deepEqual(await recipientsNamed(system, 'account-deleted'), [ADDRESS]);
  });

  it('is notified once when an operator disables or deletes the account, without a browser or location', async () => {
    await using system = await startWithAda(engine);
    using folder = temporaryFolder();
    const environment = { DATABASE_URL: system.databaseUrl, SECRET_KEY };
    for (const [words, name] of [
      [['user', 'disable', ADA.username], 'account-disabled'],
      [['user', 'delete', ADA.username, '--yes'], 'account-deleted'],
    ] as const) {
      await runCommands(folder.path, [words, words], environment);
      const [mail, ...others] = await mailsOf(system, name);
      assert.deepEqual([mail?.to, others], [ADDRESS, []], 'once');
      assert.doesNotMatch(String(mail?.text), /From:/);
    }
  });

  it('is not notified at an unconfirmed address', async () => {
    await using system = await startSystem({ email: 'optional', deletionDelay: '0s' }, engine);
    await registerAda(system);
    const ada = await signInAs(system.visitor());
    await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    await ada.submit('/account/delete', {});
    const { mail } = reachInside(system, 'the page of the mailbox does not name the notices').core;
    const mails = (await mail.mailbox?.list()) ?? [];
    assert.deepEqual(
      mails.filter(({ message }) => message !== 'confirm-address').map(({ message }) => message),
      [],
    );
  });

  it('is not notified when an account is deleted because its address was not confirmed', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    await registerAda(system);
    system.clock.advance(2 * DAY);
    await deleteExpired(system);
    assert.equal(await accountIdOf(system, ADA.username), null);
    assert.deepEqual(await recipientsNamed(system, 'account-deleted'), []);
  });
});
