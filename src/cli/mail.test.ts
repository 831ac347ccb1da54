import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outboxOf, queueNotices, startSmtp } from '../../tests/kit/mail.ts';
import { runCommand, runCommands } from '../../tests/kit/processes.ts';
import { deliverMail, startSystem } from '../../tests/kit/system.ts';
import { temporaryFolder } from '../../tests/kit/temporary.ts';

const FROM = { MAIL_FROM: 'Example <login@example.org>' };

describe('latchkey mail', () => {
  it('lists waiting and failed mails, and queues failed ones again', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: FROM.MAIL_FROM });
    using folder = temporaryFolder();
    const run = (...words: string[]) =>
      runCommand(folder.path, ['mail', ...words], { DATABASE_URL: system.databaseUrl });
    assert.match((await run('list')).stdout, /^No mail waits/);
    await queueNotices(system);
    smtp.replies.recipient = '550 no \u001b[31msuch mailbox';
    await deliverMail(system);
    system.clock.advance(1);
    await queueNotices(system);
    const [given, waiting, ...others] = (await run('list')).stdout.trim().split('\n');
    assert.deepEqual(others, []);
    assert.match(
      String(given),
      /password-changed {2}person\.0@example\.org {2}given up 2026-01-01T12.*550 no/,
    );
    assert.match(String(waiting), /waits {2}attempts: 0$/);
    const listed = JSON.parse((await run('list', '--json')).stdout);
    assert.equal(listed[0].failedAt, '2026-01-01T12:00:00.000Z');
    assert.ok(!('sealed' in listed[0]));
    const unknownId = '00000000-0000-7000-8000-000000000000';
    const lines = [[listed[0].id], ['--all'], [], ['x'], [unknownId]].map((words) => [
      'mail',
      'retry',
      ...words,
    ]);
    const [one, all, ...wrong] = await runCommands(folder.path, lines, { DATABASE_URL: system.databaseUrl });
    assert.match(String(one?.stdout), /^1 mail will be tried now/);
    const again = (await outboxOf(system))[0];
    assert.deepEqual([again?.failed_at, again?.attempts], [null, 0]);
    assert.match(String(all?.stdout), /^0 mails/);
    assert.deepEqual(
      wrong.map(({ status }) => status),
      [64, 64, 1],
    );
  });

  it('sends a test mail and prints the reply of the server', async () => {
    await using smtp = await startSmtp();
    using folder = temporaryFolder();
    const run = (address: string, more = {}) =>
      runCommand(folder.path, ['mail', 'test', address], { SMTP_URL: smtp.url, ...FROM, ...more });
    const sent = await run('ada@example.org');
    assert.equal(sent.status, 0, sent.stderr);
    assert.match(sent.stdout, /has taken a mail to ada@example\.org/);
    assert.match(String(smtp.received[0]?.parsed.subject), /^A test of the mail of Latchkey$/);
    smtp.replies.recipient = '550 5.1.1 nobody of that name';
    const refused = await run('ada@example.org');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /refuses this mail: "550 5\.1\.1 nobody of that name"/);
    assert.equal((await run('a@x.org,b@y.org')).status, 64);
    assert.match((await run('ada@example.org', { SMTP_URL: '' })).stderr, /SMTP_URL: is not set/);
    assert.equal((await run('ada@example.org', { MAIL_FROM: '' })).status, 78);
  });
});
