import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR } from '../../src/platform/runtime/clock.ts';
import { type Engine, onEveryDatabase, withoutTable } from '../kit/databases.ts';
import { outboxOf, startSmtp } from '../kit/mail.ts';
import { ADDRESS, recipientsNamed, registerAda, startWithAda } from '../kit/mailed-links.ts';
import { runCommands } from '../kit/processes.ts';
import {
  accountIdOf,
  deleteExpired,
  deliverMail,
  disableAccount,
  reachInside,
  SECRET_KEY,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import {
  ADA,
  accountOf,
  presentToken,
  requestDeletion,
  rotateToken,
  SESSION,
  signInAs,
} from '../kit/visitor.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const MAIL_FROM = 'login@example.org';

/** How many of sixteen simultaneous calls report that they made the change. */
async function winners(call: () => Promise<boolean>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 16 }, call));
  return answers.filter(Boolean).length;
}

/** A system with a mail server, where Ada's address counts as confirmed and no mail is waiting. */
async function startWithServer(engine: Engine, smtpUrl: string): Promise<TestSystem> {
  const system = await startSystem({ smtpUrl, mailFrom: MAIL_FROM, email: 'optional' }, engine);
  await registerAda(system);
  const { queries } = reachInside(system, 'no mail server delivers the link that confirms it').core.database;
  await queries.updateTable('accounts').set({ email_verified_at: system.clock.read() }).execute();
  await queries.deleteFrom('mail_outbox').execute();
  return system;
}

/** The commands by which operators change accounts. */
const lifecycleOf = (system: TestSystem) =>
  reachInside(system, 'operators have no pages, and the command line has its own clock').core.lifecycle;

async function waiting(system: TestSystem): Promise<readonly string[]> {
  return (await outboxOf(system)).map(({ message }) => message).sort();
}

/** The address of a mail server that has just been stopped. */
async function closedServer() {
  await using smtp = await startSmtp();
  return { url: smtp.url, port: smtp.port };
}

onEveryDatabase('a notice', (engine) => {
  it('A15: is written once when sixteen operators disable an account at once, and once when they delete it', async () => {
    await using system = await startWithAda(engine);
    const { id } = await accountOf(system);
    const lifecycle = lifecycleOf(system);
    const now = system.clock.read();
    assert.equal(await winners(() => lifecycle.disable(id, { now })), 1);
    assert.deepEqual(await recipientsNamed(system, 'account-disabled'), [ADDRESS]);
    assert.equal(await winners(async () => (await lifecycle.delete(id, { now })).ok), 1);
    assert.deepEqual(await recipientsNamed(system, 'account-deleted'), [ADDRESS]);
  });

  it('is not written for a deletion that was never requested, is not due yet or was cancelled', async () => {
    await using system = await startWithAda(engine);
    const { id } = await accountOf(system);
    const lifecycle = lifecycleOf(system);
    const now = system.clock.read();
    assert.equal(await lifecycle.deleteIfDue(id, now), false, 'nobody has asked for it');
    await lifecycle.requestDeletion(id, now + DAY, { now });
    assert.equal(await lifecycle.deleteIfDue(id, now + DAY - 1), false, 'its time has not come');
    await lifecycle.cancelDeletion(id, now);
    assert.equal(await lifecycle.deleteIfDue(id, now + DAY), false, 'it was kept');
    assert.deepEqual(await recipientsNamed(system, 'account-deleted'), []);
  });

  it('is rolled back together with a failed change of the password', async () => {
    await using system = await startWithAda(engine);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    const { sessions } = reachInside(system, 'the change must fail at its last step').core;
    const { renew } = sessions;
    const notified: string[] = [];
    Object.assign(sessions, {
      renew: async () => {
        notified.push('renew');
        throw new Error('the token could not be replaced');
      },
    });
    assert.equal((await ada.submit('/account/password', { 'new-password': NEW_PASSWORD })).status, 500);
    Object.assign(sessions, { renew });
    assert.deepEqual(notified, ['renew'], 'the change had come as far as that');
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
    assert.deepEqual(await recipientsNamed(system, 'password-changed'), []);
  });

  it('A58: blocks no request while the mail server is unreachable, and is delivered later', async () => {
    const { url, port } = await closedServer();
    await using system = await startWithServer(engine, url);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    const changed = await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    assert.equal(changed.location, '/account');
    assert.equal(await deliverMail(system), 0);
    assert.equal((await ada.submit('/account/delete', {})).location, '/login');
    const { id } = await accountOf(system);
    const lifecycle = lifecycleOf(system);
    assert.deepEqual(await lifecycle.delete(id, { now: system.clock.read() }), { ok: true });
    assert.deepEqual(await waiting(system), ['account-deleted'], 'the others went with the account');
    await using smtp = await startSmtp({}, port);
    system.clock.advance(HOUR);
    assert.equal(await deliverMail(system), 1);
    assert.deepEqual(
      smtp.received.map(({ to, parsed }) => [to, parsed.subject]),
      [[[ADDRESS], 'Your Latchkey account was deleted']],
    );
  });

  it('is written by the command line and delivered by a server', async () => {
    await using smtp = await startSmtp();
    await using system = await startWithServer(engine, smtp.url);
    using folder = temporaryFolder();
    const { databaseUrl: DATABASE_URL } = system;
    const environment = { DATABASE_URL, SECRET_KEY, SMTP_URL: smtp.url, MAIL_FROM };
    const [ending] = await runCommands(folder.path, [['user', 'disable', ADA.username]], environment);
    assert.equal(ending?.status, 0, ending?.stderr);
    const [row, ...others] = await outboxOf(system);
    assert.deepEqual([row?.message, others, smtp.received], ['account-disabled', [], []]);
    // The command line uses the clock of the machine.
    system.clock.advance(Number(row?.due_at) - system.clock.read());
    assert.equal(await deliverMail(system), 1);
    assert.deepEqual(smtp.received[0]?.to, [ADDRESS]);
  });
});

onEveryDatabase('a notice to the owner of an account', (engine) => {
  it('A15: is written once when sixteen requests change the password at once', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitor());
    const csrf = await ada.token('/account/password');
    const passwords = Array.from({ length: 16 }, (_, number) => `${number} grey herons on a long pier`);
    const answers = await Promise.all(
      passwords.map((password) => ada.post('/account/password', { csrf, 'new-password': password })),
    );
    assert.equal(answers.filter(({ location }) => location === '/account').length, 1);
    assert.deepEqual(await recipientsNamed(system, 'password-changed'), [ADDRESS]);
  });

  it('is written once for a session that ended as stolen, however often its old token is presented', async () => {
    await using system = await startWithAda(engine);
    const ada = await signInAs(system.visitor());
    const old = String(ada.cookies.get(SESSION));
    assert.equal((await presentToken(system, await rotateToken(system, ada))).status, 200);
    system.clock.advance(HOUR);
    const answers = await Promise.all(Array.from({ length: 8 }, () => presentToken(system, old)));
    assert.ok(answers.every(({ status }) => status === 401));
    assert.deepEqual(await recipientsNamed(system, 'session-ended-after-theft'), [ADDRESS]);
  });

  it('is written when the deletion of the account is requested, and again once the account is deleted', async () => {
    await using system = await startWithAda(engine, { email: 'required', deletionDelay: '7d' });
    await requestDeletion(await signInAs(system.visitor()));
    assert.deepEqual(await recipientsNamed(system, 'account-deletion-requested'), [ADDRESS]);
    assert.deepEqual(await recipientsNamed(system, 'account-deleted'), []);
    system.clock.advance(7 * DAY);
    await deleteExpired(system);
    assert.equal(await accountIdOf(system, ADA.username), null);
    assert.deepEqual(await recipientsNamed(system, 'account-deleted'), [ADDRESS]);
    assert.deepEqual(
      await recipientsNamed(system, 'account-deletion-requested'),
      [],
      'that went with the account',
    );
  });

  it('leaves the account enabled when it cannot be written', async () => {
    await using system = await startWithAda(engine);
    const { database } = reachInside(system, 'no public function renames a table').core;
    const ada = await signInAs(system.visitor());
    await withoutTable(database, 'mail_outbox', () => assert.rejects(disableAccount(system, ADA.username)));
    assert.equal((await ada.get('/api/session')).status, 200, 'all or nothing');
  });
});
