import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dueMail, outboxAfter, retryMail, settleMail, takeMail } from '../../src/platform/mail/store.ts';
import { DAY, HOUR, MINUTE } from '../../src/platform/runtime/clock.ts';
import { bytesToId, newId, UNKNOWN_ID } from '../../src/platform/text/uuid.ts';
import { until } from '../kit/clock.ts';
import { existingDatabase, onEveryDatabase } from '../kit/databases.ts';
import { MAIL_FROM, outboxOf, queueNotices, recipientsOf, startSmtp } from '../kit/mail.ts';
import { runCommands } from '../kit/processes.ts';
import {
  deleteExpired,
  deliverMail,
  eventsOf,
  reachInside,
  startSystem,
  type TestSystem,
} from '../kit/system.ts';
import { temporaryFolder } from '../kit/temporary.ts';

const queriesOf = (system: TestSystem) =>
  reachInside(system, 'no public function takes a mail, or a second try, by the clock of a test').core
    .database.queries;

onEveryDatabase('the delivery of mail', (engine) => {
  it('deletes a mail from the outbox once the mail server has accepted it', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    const [recipient] = await queueNotices(system);
    assert.equal(await deliverMail(system), 1);
    assert.equal(smtp.received.length, 1);
    assert.deepEqual([smtp.received[0]?.from, smtp.received[0]?.to], ['login@example.org', [recipient]]);
    assert.deepEqual(await outboxOf(system), []);
    assert.equal(eventsOf(system, 'mail-sent').length, 1);
    assert.equal(await deliverMail(system), 0);
    assert.doesNotMatch(system.logLines.join(''), /person\.0@/, 'no address in the log');
  });

  it('gives up a mail after twelve attempts, keeps it, and sends it when a retry is requested', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    smtp.replies.recipient = '452 full';
    for (let attempt = 0; attempt < 12; attempt += 1) {
      assert.equal((await outboxOf(system))[0]?.failed_at, null, `attempt ${attempt}`);
      await deliverMail(system);
      system.clock.advance(8 * HOUR);
    }
    const [row] = await outboxOf(system);
    assert.deepEqual([row?.attempts, row?.due_at], [12, null]);
    assert.match(String(row?.answer), /452 full/);
    assert.equal(eventsOf(system, 'mail-failed').length, 1);
    smtp.replies.recipient = null;
    assert.equal(await deliverMail(system), 0);
    assert.equal(await retryMail(queriesOf(system), null, system.clock.read()), 1);
    assert.equal(await deliverMail(system), 1);
  });

  it('gives up a mail at once when the mail server rejects it permanently, and continues with the next', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    smtp.replies.recipient = '550 no such mailbox';
    await deliverMail(system);
    smtp.replies.recipient = null;
    await queueNotices(system);
    assert.equal(await deliverMail(system), 1);
    const [row, ...others] = await outboxOf(system);
    assert.deepEqual([row?.attempts, row?.failed_at, others], [1, system.clock.read(), []]);
    system.clock.advance(30 * DAY);
    assert.equal(await deleteExpired(system), 1, 'nobody asked for it in 30 days');
  });

  it('sends each mail once when two nodes deliver at the same time', async () => {
    await using smtp = await startSmtp();
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using one = await startSystem(options, engine);
    await using other = await startSystem(options, existingDatabase(one.databaseUrl));
    const recipients = await queueNotices(one, 40);
    const counts = await Promise.all([deliverMail(one), deliverMail(other)]);
    // Each of the two may skip what the other one has taken.
    const rest = await deliverMail(one);
    assert.equal(counts[0] + counts[1] + rest, 40);
    assert.deepEqual(recipientsOf(smtp.received), [...recipients].sort());
  });

  it('P25: leaves a mail to its node for the ten minutes in which a server may accept it', async () => {
    const { promise: accepting, resolve: accept } = Promise.withResolvers<void>();
    await using smtp = await startSmtp({}, 0, accepting);
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using one = await startSystem(options, engine);
    await using other = await startSystem(options, existingDatabase(one.databaseUrl));
    await queueNotices(one);
    const delivery = deliverMail(one);
    await until('the server has the mail', () => smtp.received.length === 1);
    // RFC 5321 §4.5.3.2.6, and the minute in which it had to receive the mail.
    other.clock.advance(11 * MINUTE);
    assert.equal(await deliverMail(other), 0);
    accept();
    assert.equal(await delivery, 1);
    assert.equal(smtp.received.length, 1);
  });

  it('sends the mail of a dead node from another node once the lease has expired', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    const queries = queriesOf(system);
    await queueNotices(system);
    const [row] = await dueMail(queries, system.clock.read(), 10);
    assert.ok(row !== undefined);
    const lease = new Uint8Array(16).fill(7);
    const expiry = system.clock.read() + 5 * MINUTE;
    const takers = [lease, new Uint8Array(16).fill(8)].map((taker) => takeMail(queries, row, taker, expiry));
    assert.deepEqual((await Promise.all(takers)).filter(Boolean), [true], 'one of two takes it');
    assert.equal(await deliverMail(system), 0, 'it is taken');
    system.clock.advance(5 * MINUTE);
    assert.equal(await deliverMail(system), 1);
    const late = { attempts: 1, dueAt: null, answer: 'late', failedAt: 1 };
    assert.equal(await settleMail(queries, row.id, lease, late), false, 'its lease is over');
  });
});

onEveryDatabase('a mail in the outbox', (engine) => {
  it('is listed in order by the command line, and retried by its ID unless a node is sending it', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system, 2);
    smtp.replies.recipient = '550 no such mailbox';
    await deliverMail(system);
    const ids = (await outboxOf(system)).map(({ id }) => bytesToId(id));
    const [first = UNKNOWN_ID, second = UNKNOWN_ID] = ids;
    using folder = temporaryFolder();
    const lines = [
      ['list', '--json'],
      ['retry', first],
      ['list', '--json'],
      ['retry', newId(0)],
    ];
    const [before, retried, after, deleted] = await runCommands(
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
    assert.equal(deleted?.status, 1);
    const queries = queriesOf(system);
    const page = await outboxAfter(queries, first, 1);
    assert.deepEqual(
      page.map(({ id }) => id),
      [second],
    );
    assert.deepEqual(await outboxAfter(queries, second, 1), []);
    const [due] = await outboxAfter(queries, null, 1);
    assert.ok(due !== undefined);
    const expiry = system.clock.read() + MINUTE;
    assert.equal(await takeMail(queries, due, new Uint8Array(16).fill(7), expiry), true);
    assert.equal(await retryMail(queries, first, system.clock.read()), 0, 'a node is sending it');
  });

  it('is shown in the development mailbox only when it was queued without a mail server', async () => {
    await using smtp = await startSmtp();
    await using development = await startSystem({}, engine);
    await using production = await startSystem(
      { smtpUrl: smtp.url, mailFrom: MAIL_FROM },
      existingDatabase(development.databaseUrl),
    );
    const developer = development.visitorFrom('127.0.0.1');
    await queueNotices(development);
    const [, link = ''] =
      /href="(\/dev\/mailbox\/mail\?id=[^"]+)"/.exec((await developer.get('/dev/mailbox')).body) ?? [];
    const shown = await developer.get(link);
    assert.equal(shown.status, 200);
    assert.match(shown.body, /person\.0@example\.org/);
    await queueNotices(production);
    const [waiting, ...others] = await outboxAfter(queriesOf(development), null, 10);
    assert.deepEqual([waiting?.recipient, others], ['person.0@example.org', []]);
    assert.equal((await developer.get(`/dev/mailbox/mail?id=${waiting?.id}`)).status, 404);
  });
});
