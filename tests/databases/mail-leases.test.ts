import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../../src/core/clock.ts';
import { bytesToId, newId } from '../../src/core/identifiers/uuid.ts';
import { dueMail, outboxAfter, retryMail, settleMail, takeMail } from '../../src/core/mail/store.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { MAIL_FROM, outboxOf, queueNotices, recipientsOf, startSmtp } from '../kit/mail.ts';
import { runLines } from '../kit/processes.ts';
import { eventsOf, startSystem } from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';

onEveryDatabase('the delivery of mail', (engine) => {
  it('deletes a mail from the outbox once the server has taken it', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    const [recipient] = await queueNotices(system);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    assert.equal(smtp.received.length, 1);
    assert.deepEqual([smtp.received[0]?.from, smtp.received[0]?.to], ['login@example.org', [recipient]]);
    assert.deepEqual(await outboxOf(system), []);
    assert.equal(eventsOf(system, 'mail-sent').length, 1);
    assert.equal(await system.system.mailWorker.deliverDue(), 0);
    assert.doesNotMatch(system.logLines.join(''), /person\.0@/, 'no address in the log');
  });

  it('gives a mail up after twelve attempts, keeps it, and sends it on request', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    smtp.replies.recipient = '452 full';
    for (let attempt = 0; attempt < 12; attempt += 1) {
      assert.equal((await outboxOf(system))[0]?.failed_at, null, `attempt ${attempt}`);
      await system.system.mailWorker.deliverDue();
      system.clock.advance(8 * HOUR);
    }
    const [row] = await outboxOf(system);
    assert.deepEqual([row?.attempts, row?.due_at], [12, null]);
    assert.match(String(row?.answer), /452 full/);
    assert.equal(eventsOf(system, 'mail-failed').length, 1);
    smtp.replies.recipient = null;
    assert.equal(await system.system.mailWorker.deliverDue(), 0);
    assert.equal(await retryMail(system.system.core.database.queries, null, system.clock.read()), 1);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
  });

  it('gives a mail up at once when the server refuses it for good, and goes on with the next', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    smtp.replies.recipient = '550 no such mailbox';
    await system.system.mailWorker.deliverDue();
    smtp.replies.recipient = null;
    await queueNotices(system);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    const [row, ...others] = await outboxOf(system);
    assert.deepEqual([row?.attempts, row?.failed_at, others], [1, system.clock.read(), []]);
    system.clock.advance(30 * DAY);
    assert.equal(await system.system.storage.deleteExpired(), 1, 'nobody asked for it in 30 days');
  });

  it('sends each mail once from two nodes that work side by side', async () => {
    await using smtp = await startSmtp();
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using one = await startSystem(options, engine);
    await using other = await startSystem(options, existingDatabase(one.databaseUrl));
    const recipients = await queueNotices(one, 40);
    const counts = await Promise.all([
      one.system.mailWorker.deliverDue(),
      other.system.mailWorker.deliverDue(),
    ]);
    // Each of the two may leave what the other one has taken.
    const rest = await one.system.mailWorker.deliverDue();
    assert.equal(counts[0] + counts[1] + rest, 40);
    assert.deepEqual(recipientsOf(smtp.received), [...recipients].sort());
  });

  it('sends the mail of a node that died from another node, once the lease is over', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    const { queries } = system.system.core.database;
    await queueNotices(system);
    const [row] = await dueMail(queries, system.clock.read(), 10);
    assert.ok(row !== undefined);
    const lease = new Uint8Array(16).fill(7);
    const until = system.clock.read() + 5 * MINUTE;
    const takers = [lease, new Uint8Array(16).fill(8)].map((taker) => takeMail(queries, row, taker, until));
    assert.deepEqual((await Promise.all(takers)).filter(Boolean), [true], 'one of two takes it');
    assert.equal(await system.system.mailWorker.deliverDue(), 0, 'it is taken');
    system.clock.advance(5 * MINUTE);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    const late = { attempts: 1, dueAt: null, answer: 'late', failedAt: 1 };
    assert.equal(await settleMail(queries, row.id, lease, late), false, 'its lease is over');
  });
});

onEveryDatabase('a mail in the outbox', (engine) => {
  it('is listed by the command line in order, and tried again by its ID unless a node is sending it', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system, 2);
    smtp.replies.recipient = '550 no such mailbox';
    await system.system.mailWorker.deliverDue();
    const ids = (await outboxOf(system)).map(({ id }) => bytesToId(id));
    const [first = '', second = ''] = ids;
    using folder = temporaryFolder();
    const lines = [
      ['list', '--json'],
      ['retry', first],
      ['list', '--json'],
      ['retry', newId(0)],
    ];
    const [before, retried, after, gone] = await runLines(
      folder.path,
      lines.map((words) => ['mail', ...words]),
      { DATABASE_URL: system.databaseUrl },
    );
    const listed = (text = '') =>
      JSON.parse(text).map(({ id, attempts }: { id: string; attempts: number }) => [id, attempts]);
    assert.deepEqual(listed(before?.stdout), [
      [first, 1],
      [second, 1],
    ]);
    assert.match(String(retried?.stdout), /^1 mail will be tried now/);
    assert.deepEqual(listed(after?.stdout), [
      [first, 0],
      [second, 1],
    ]);
    assert.equal(gone?.status, 1);
    const { queries } = system.system.core.database;
    const page = await outboxAfter(queries, first, 1);
    assert.deepEqual(
      page.map(({ id }) => id),
      [second],
    );
    assert.deepEqual(await outboxAfter(queries, second, 1), []);
    const [due] = await outboxAfter(queries, null, 1);
    assert.ok(due !== undefined);
    const until = system.clock.read() + MINUTE;
    assert.equal(await takeMail(queries, due, new Uint8Array(16).fill(7), until), true);
    assert.equal(await retryMail(queries, first, system.clock.read()), 0, 'a node is sending it');
  });

  it('is shown by the mailbox of development when no server sends it, and only then', async () => {
    await using smtp = await startSmtp();
    await using development = await startSystem({}, engine);
    await using production = await startSystem(
      { smtpUrl: smtp.url, mailFrom: MAIL_FROM },
      existingDatabase(development.databaseUrl),
    );
    const { mailbox } = development.system.core.mail;
    assert.ok(mailbox !== null);
    await queueNotices(development);
    const [shown] = await mailbox.list();
    assert.ok(shown !== undefined);
    assert.deepEqual(await mailbox.read(shown.id), shown);
    assert.equal(shown.to, 'person.0@example.org');
    await queueNotices(production);
    const [waiting, ...others] = await outboxAfter(development.system.core.database.queries, null, 10);
    assert.deepEqual([waiting?.recipient, others], ['person.0@example.org', []]);
    assert.equal(await mailbox.read(String(waiting?.id)), null);
  });
});
