import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY } from '../../src/core/clock.ts';
import { LISTED_PASSWORD, setPassword } from '../kit/breached-passwords.ts';
import { type Engine, onEveryDatabase } from '../kit/databases.ts';
import { placeRecord, writeGeoipDatabase } from '../kit/geoip-database.ts';
import { ADDRESS, mailsOf, registerAda, startWithAda, toldOf } from '../kit/mailed-links.ts';
import { runLines } from '../kit/processes.ts';
import { SECRET_KEY, startSystem, type TestSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA, requestDeletion, signInAs } from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

async function startWithPlaces(engine: Engine, folder: string): Promise<TestSystem> {
  const geoipDatabase = `${folder}/places.mmdb`;
  writeGeoipDatabase(geoipDatabase, { '198.51.100.4': placeRecord('Berlin', 'Germany') });
  return startWithAda(engine, { email: 'required', geoipDatabase });
}

onEveryDatabase('the owner of an account', (engine) => {
  it('is told of a changed password: what, when, from where, and what to do', async () => {
    using folder = temporaryFolder();
    await using system = await startWithPlaces(engine, folder.path);
    const ada = await signInAs(system.visitorFrom('198.51.100.4'));
    const fields = { 'new-password': NEW_PASSWORD };
    await ada.submit('/account/password', fields, { 'user-agent': FIREFOX });
    const [notice, ...others] = await mailsOf(system, 'password-changed');
    assert.deepEqual([notice?.to, others], [ADDRESS, []]);
    const text = String(notice?.text);
    assert.match(text, /Firefox on Linux, about Berlin, Germany, address 198\.51\.100\.4/);
    assert.match(text, /When: .*UTC/);
    assert.ok(text.includes(`${system.origin}/forgot-password`));
  });

  it('is told of a password that was chosen in the place of a stolen one', async () => {
    await using system = await startWithAda(engine);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    const ada = system.visitor();
    await ada.signIn(ADA.username, LISTED_PASSWORD);
    await ada.submit('/login/new-password', { 'new-password': NEW_PASSWORD });
    assert.deepEqual(await toldOf(system, 'password-changed'), [ADDRESS]);
  });

  it('is told of a deletion at once', async () => {
    await using system = await startWithAda(engine, { email: 'required', deletionDelay: '0s' });
    await requestDeletion(await signInAs(system.visitor()));
    assert.deepEqual(await toldOf(system, 'account-deleted'), [ADDRESS]);
  });

  it('is told of what whoever runs the site does, without a place that nobody was at', async () => {
    await using system = await startWithAda(engine);
    using folder = temporaryFolder();
    const environment = { DATABASE_URL: system.databaseUrl, SECRET_KEY };
    for (const [words, name] of [
      [['user', 'disable', ADA.username], 'account-disabled'],
      [['user', 'delete', ADA.username, '--yes'], 'account-deleted'],
    ] as const) {
      await runLines(folder.path, [words, words], environment);
      const [mail, ...others] = await mailsOf(system, name);
      assert.deepEqual([mail?.to, others], [ADDRESS, []], 'once');
      assert.doesNotMatch(String(mail?.text), /From:/);
    }
  });

  it('is told nothing at an address that nobody has proven', async () => {
    await using system = await startSystem({ email: 'optional', deletionDelay: '0s' }, engine);
    await registerAda(system);
    const ada = await signInAs(system.visitor());
    await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    await ada.submit('/account/delete', {});
    const mails = (await system.system.core.mail.mailbox?.list()) ?? [];
    assert.deepEqual(
      mails.filter(({ message }) => message !== 'confirm-address').map(({ message }) => message),
      [],
    );
  });

  it('is told nothing when an account goes because its address was not confirmed', async () => {
    await using system = await startSystem({ email: 'required' }, engine);
    await registerAda(system);
    system.clock.advance(2 * DAY);
    await system.system.storage.deleteExpired();
    assert.equal(await system.system.core.accounts.find(ADA.username), null);
    assert.deepEqual(await toldOf(system, 'account-deleted'), []);
  });
});
