import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR } from '../../src/core/clock.ts';
import { LISTED_PASSWORD, setPassword } from '../support/breached-password.ts';
import { runLines } from '../support/command-lines.ts';
import { ADDRESS, registerAda } from '../support/confirmations.ts';
import { type Engine, onEveryDatabase } from '../support/databases.ts';
import { placeRecord, writeGeoipDatabase } from '../support/geoip-database.ts';
import { ADA } from '../support/people.ts';
import { mailsOf, startWithAda, toldOf } from '../support/resets.ts';
import { accountOf, rotated, SESSION, show } from '../support/session-cookie.ts';
import { SECRET_KEY, startSystem, type TestSystem } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Visitor } from '../support/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

async function signedIn(system: TestSystem, visitor: Visitor = system.visitor()): Promise<Visitor> {
  assert.equal((await visitor.signIn(ADA.username, ADA.password)).location, '/dashboard');
  return visitor;
}

/** Ada deletes her account on its page. */
async function requestDeletion(system: TestSystem): Promise<Visitor> {
  const ada = await signedIn(system);
  assert.equal((await ada.submit('/account/delete', {})).location, '/login');
  return ada;
}

async function startWithPlaces(engine: Engine, folder: string): Promise<TestSystem> {
  const geoipDatabase = `${folder}/places.mmdb`;
  writeGeoipDatabase(geoipDatabase, { '198.51.100.4': placeRecord('Berlin', 'Germany') });
  return startWithAda(engine, { email: 'required', geoipDatabase });
}

onEveryDatabase('the owner of an account', (engine) => {
  it('is told of a changed password: what, when, from where, and what to do', async () => {
    using folder = temporaryFolder();
    await using system = await startWithPlaces(engine, folder.path);
    const ada = await signedIn(system, system.visitorFrom('198.51.100.4'));
    const fields = { 'new-password': NEW_PASSWORD };
    await ada.submit('/account/password', fields, { 'user-agent': FIREFOX });
    const [notice, ...others] = await mailsOf(system, 'password-changed');
    assert.deepEqual([notice?.to, others], [ADDRESS, []]);
    const text = String(notice?.text);
    assert.match(text, /Firefox on Linux, about Berlin, Germany, address 198\.51\.100\.4/);
    assert.match(text, /When: .*UTC/);
    assert.ok(text.includes(`${system.origin}/forgot-password`));
  });

  it('A15: is told once, of sixteen changes at once', async () => {
    await using system = await startWithAda(engine);
    const ada = await signedIn(system);
    const csrf = await ada.token('/account/password');
    const passwords = Array.from({ length: 16 }, (_, number) => `${number} grey herons on a long pier`);
    const answers = await Promise.all(
      passwords.map((password) => ada.post('/account/password', { csrf, 'new-password': password })),
    );
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1);
    assert.deepEqual(await toldOf(system, 'password-changed'), [ADDRESS]);
  });

  it('is told of a password that was chosen in the place of a stolen one', async () => {
    await using system = await startWithAda(engine);
    await setPassword(system, ADA.username, LISTED_PASSWORD);
    const ada = system.visitor();
    await ada.signIn(ADA.username, LISTED_PASSWORD);
    await ada.submit('/login/new-password', { 'new-password': NEW_PASSWORD });
    assert.deepEqual(await toldOf(system, 'password-changed'), [ADDRESS]);
  });

  it('is told of a session that was ended as stolen, once, however often the old token is shown', async () => {
    await using system = await startWithAda(engine);
    const ada = await signedIn(system);
    const old = String(ada.cookies.get(SESSION));
    await rotated(system, ada);
    system.clock.advance(HOUR);
    const answers = await Promise.all(Array.from({ length: 8 }, () => show(system, old)));
    assert.ok(answers.every(({ status }) => status === 401));
    assert.deepEqual(await toldOf(system, 'session-ended-after-theft'), [ADDRESS]);
  });

  it('is told that the account will be deleted, and that it was, though it is gone', async () => {
    await using system = await startWithAda(engine, { email: 'required', deletionDelay: '7d' });
    await requestDeletion(system);
    assert.deepEqual(await toldOf(system, 'account-deletion-requested'), [ADDRESS]);
    assert.deepEqual(await toldOf(system, 'account-deleted'), []);
    system.clock.advance(7 * DAY);
    await system.system.storage.deleteExpired();
    assert.equal(await system.system.core.accounts.find(ADA.username), null);
    assert.deepEqual(await toldOf(system, 'account-deleted'), [ADDRESS]);
    assert.deepEqual(await toldOf(system, 'account-deletion-requested'), [], 'that went with the account');
  });

  it('is told of a deletion at once', async () => {
    await using system = await startWithAda(engine, { email: 'required', deletionDelay: '0s' });
    await requestDeletion(system);
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
    const ada = await signedIn(system);
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

  it('keeps an account enabled where that cannot be told: both come about, or neither', async () => {
    await using system = await startWithAda(engine);
    const { lifecycle, database } = system.system.core;
    const ada = await signedIn(system);
    await database.queries.schema.alterTable('mail_outbox').renameTo('mail_away').execute();
    await assert.rejects(lifecycle.disable((await accountOf(system)).id, { now: system.clock.read() }));
    await database.queries.schema.alterTable('mail_away').renameTo('mail_outbox').execute();
    assert.equal((await ada.get('/api/session')).status, 200, 'all or nothing');
  });
});
