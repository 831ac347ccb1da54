import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR } from '../../src/core/clock.ts';
import { runLines } from '../support/command-lines.ts';
import { ADDRESS, registerAda } from '../support/confirmations.ts';
import { type Engine, onEveryDatabase } from '../support/databases.ts';
import { outboxOf } from '../support/mail.ts';
import { ADA } from '../support/people.ts';
import { startWithAda, toldOf } from '../support/resets.ts';
import { accountOf } from '../support/session-cookie.ts';
import { startSmtp } from '../support/smtp-server.ts';
import { SECRET_KEY, startSystem, type TestSystem } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NEW_PASSWORD = 'four grey herons on a pier';
const MAIL_FROM = 'login@example.org';

/** How many of sixteen calls at once say that they were the one. */
async function winners(call: () => Promise<boolean>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 16 }, call));
  return answers.filter(Boolean).length;
}

/** A system that sends by a mail server, where Ada's address counts as confirmed, and nothing waits. */
async function startWithServer(engine: Engine, smtpUrl: string): Promise<TestSystem> {
  const system = await startSystem({ smtpUrl, mailFrom: MAIL_FROM, email: 'optional' }, engine);
  await registerAda(system);
  const { queries } = system.system.core.database;
  await queries.updateTable('accounts').set({ email_verified_at: system.clock.read() }).execute();
  await queries.deleteFrom('mail_outbox').execute();
  return system;
}

async function waiting(system: TestSystem): Promise<readonly string[]> {
  return (await outboxOf(system)).map(({ message }) => message).sort();
}

/** Where a mail server was until just now. */
async function closedServer() {
  await using smtp = await startSmtp();
  return { url: smtp.url, port: smtp.port };
}

onEveryDatabase('a notice', (engine) => {
  it('A15: is written once, of sixteen who disable an account, and of sixteen who delete it', async () => {
    await using system = await startWithAda(engine);
    const { id } = await accountOf(system);
    const { lifecycle } = system.system.core;
    const now = system.clock.read();
    assert.equal(await winners(() => lifecycle.disable(id, { now })), 1);
    assert.deepEqual(await toldOf(system, 'account-disabled'), [ADDRESS]);
    assert.equal(await winners(() => lifecycle.delete(id, { now })), 1);
    assert.deepEqual(await toldOf(system, 'account-deleted'), [ADDRESS]);
  });

  it('says no farewell where the account stays', async () => {
    await using system = await startWithAda(engine);
    const { id } = await accountOf(system);
    const { lifecycle } = system.system.core;
    const now = system.clock.read();
    assert.equal(await lifecycle.deleteIfDue(id, now), false, 'nobody has asked for it');
    await lifecycle.requestDeletion(id, now + DAY, { now });
    assert.equal(await lifecycle.deleteIfDue(id, now + DAY - 1), false, 'its time has not come');
    await lifecycle.cancelDeletion(id, now);
    assert.equal(await lifecycle.deleteIfDue(id, now + DAY), false, 'it was kept');
    assert.deepEqual(await toldOf(system, 'account-deleted'), []);
  });

  it('goes with the change of a password that was rolled back', async () => {
    await using system = await startWithAda(engine);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    const { sessions } = system.system.core;
    const { renew } = sessions;
    const told: string[] = [];
    Object.assign(sessions, {
      renew: async () => {
        told.push('renew');
        throw new Error('the token could not be replaced');
      },
    });
    assert.equal((await ada.submit('/account/password', { 'new-password': NEW_PASSWORD })).status, 500);
    Object.assign(sessions, { renew });
    assert.deepEqual(told, ['renew'], 'the change had come as far as that');
    assert.equal((await system.visitor().signIn(ADA.username, ADA.password)).status, 303);
    assert.deepEqual(await toldOf(system, 'password-changed'), []);
  });

  it('A58: keeps nothing from being done while the mail server is away, and arrives later', async () => {
    const { url, port } = await closedServer();
    await using system = await startWithServer(engine, url);
    const ada = system.visitor();
    await ada.signIn(ADA.username, ADA.password);
    const changed = await ada.submit('/account/password', { 'new-password': NEW_PASSWORD });
    assert.equal(changed.location, '/account');
    assert.equal(await system.system.mailWorker.deliverDue(), 0);
    assert.equal((await ada.submit('/account/delete', {})).location, '/login');
    const { id } = await accountOf(system);
    const { lifecycle } = system.system.core;
    assert.equal(await lifecycle.delete(id, { now: system.clock.read() }), true);
    assert.deepEqual(await waiting(system), ['account-deleted'], 'the others went with the account');
    await using smtp = await startSmtp({}, port);
    system.clock.advance(HOUR);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    assert.deepEqual(
      smtp.received.map(({ to, parsed }) => [to, parsed.subject]),
      [[[ADDRESS], 'Your Latchkey account was deleted']],
    );
  });

  it('is written by the command line, and sent by a server', async () => {
    await using smtp = await startSmtp();
    await using system = await startWithServer(engine, smtp.url);
    using folder = temporaryFolder();
    const { databaseUrl: DATABASE_URL } = system;
    const environment = { DATABASE_URL, SECRET_KEY, SMTP_URL: smtp.url, MAIL_FROM };
    const [ending] = await runLines(folder.path, [['user', 'disable', ADA.username]], environment);
    assert.equal(ending?.status, 0, ending?.stderr);
    const [row, ...others] = await outboxOf(system);
    assert.deepEqual([row?.message, others, smtp.received], ['account-disabled', [], []]);
    // The command line has the time of the machine.
    system.clock.advance(Number(row?.due_at) - system.clock.read());
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    assert.deepEqual(smtp.received[0]?.to, [ADDRESS]);
  });
});
