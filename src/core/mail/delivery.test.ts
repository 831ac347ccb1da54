import assert from 'node:assert/strict';
import { it } from 'node:test';
import { existingDatabase, onEveryDatabase } from '../../../tests/support/databases.ts';
import { outboxOf, queueNotices } from '../../../tests/support/mail.ts';
import { startRelay, startSmtp } from '../../../tests/support/smtp-server.ts';
import { startSystem, type TestSystem } from '../../../tests/support/system.ts';
import { DAY, HOUR, MINUTE } from '../clock.ts';
import { dueMail, retryMail, settleMail, takeMail } from './store.ts';

const MAIL_FROM = 'Example <login@example.org>';

function about({ events }: TestSystem, type: string) {
  return events.filter((event) => event.type === type);
}

function recipientsOf(received: readonly { readonly to: readonly string[] }[]): readonly string[] {
  return received.flatMap(({ to }) => to).sort();
}

onEveryDatabase('mail', (engine) => {
  it('arrives, and is forgotten here', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    const [recipient] = await queueNotices(system);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    assert.equal(smtp.received.length, 1);
    assert.deepEqual([smtp.received[0]?.from, smtp.received[0]?.to], ['login@example.org', [recipient]]);
    assert.deepEqual(await outboxOf(system), []);
    assert.equal(about(system, 'mail-sent').length, 1);
    assert.equal(await system.system.mailWorker.deliverDue(), 0);
    assert.doesNotMatch(system.logLines.join(''), /person\.0@/, 'no address in the log');
  });

  it('that is put off is tried again after a minute, then after twice as long, and arrives', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    for (const [reply, pause] of [
      [{ recipient: '450 greylisted' }, MINUTE],
      [{ recipient: null, data: '451 try later' }, 2 * MINUTE],
    ] as const) {
      Object.assign(smtp.replies, reply);
      assert.equal(await system.system.mailWorker.deliverDue(), 0);
      const [row] = await outboxOf(system);
      const waits = Number(row?.due_at) - system.clock.read();
      assert.ok(waits >= 0.75 * pause && waits <= 1.25 * pause, String(waits));
      assert.equal(await system.system.mailWorker.deliverDue(), 0, 'not before its time');
      system.clock.advance(waits);
    }
    Object.assign(smtp.replies, { data: null });
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
    assert.deepEqual(
      about(system, 'mail-delayed').map((event) => 'code' in event && event.code),
      ['450', '451'],
    );
  });

  it('that is put off again and again is given up, kept, and sent when asked for', async () => {
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
    assert.equal(about(system, 'mail-failed').length, 1);
    smtp.replies.recipient = null;
    assert.equal(await system.system.mailWorker.deliverDue(), 0);
    assert.equal(await retryMail(system.system.core.database.queries, null, system.clock.read()), 1);
    assert.equal(await system.system.mailWorker.deliverDue(), 1);
  });

  it('that is refused for good is given up at once, and holds up no other', async () => {
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

  it('A58: waits for a server that is away, however often it is tried, and then arrives', async () => {
    const smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await smtp[Symbol.asyncDispose]();
    const recipients = await queueNotices(system, 7);
    for (let hour = 0; hour < 48; hour += 1) {
      assert.equal(await system.system.mailWorker.deliverDue(), 0);
      system.clock.advance(HOUR);
    }
    assert.ok(about(system, 'mail-delayed').length >= 48);
    assert.equal(about(system, 'mail-failed').length, 0);
    await using again = await startSmtp({}, smtp.port);
    assert.equal(await system.system.mailWorker.deliverDue(), 7);
    assert.deepEqual(recipientsOf(again.received), recipients);
  });

  it('is given up when its server was away for five days', async () => {
    const smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await smtp[Symbol.asyncDispose]();
    await queueNotices(system);
    system.clock.advance(5 * DAY - 1);
    await system.system.mailWorker.deliverDue();
    assert.equal(about(system, 'mail-failed').length, 0);
    system.clock.advance(HOUR);
    await system.system.mailWorker.deliverDue();
    assert.equal(about(system, 'mail-failed').length, 1);
  });

  it('of an outage of sign-in or of the sender is kept, because it is the settings that are wrong', async () => {
    await using smtp = await startSmtp();
    const url = smtp.url.replace('//', '//login:wrong@');
    await using system = await startSystem({ smtpUrl: url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    await system.system.mailWorker.deliverDue();
    const [row] = await outboxOf(system);
    assert.deepEqual([row?.attempts, row?.failed_at], [0, null]);
    assert.match(String(row?.answer), /535/);
    await using sender = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(sender);
    smtp.replies.sender = '553 not your address';
    await sender.system.mailWorker.deliverDue();
    assert.deepEqual((await outboxOf(sender))[0]?.attempts, 0);
  });

  it('is sent once by two nodes that work side by side', async () => {
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

  it('of a node that died is sent by another one, once the lease is over', async () => {
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

  it('whose answer was lost arrives twice, which its Message-ID tells', async () => {
    await using smtp = await startSmtp();
    await using relay = await startRelay(smtp);
    await using system = await startSystem({ smtpUrl: relay.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    for (const breaks of ['at-data', 'before-answer', null] as const) {
      relay.breaks = breaks;
      await system.system.mailWorker.deliverDue();
      system.clock.advance(HOUR);
    }
    const ids = smtp.received.map(({ parsed }) => parsed.messageId);
    assert.equal(ids.length, 2, 'the one that broke off with the data did not arrive');
    assert.equal(new Set(ids).size, 1);
    assert.match(String(ids[0]), /^<[0-9a-f-]{36}@example\.org>$/);
    const [first, second] = smtp.received.map(({ parsed }) => parsed.date?.getTime());
    assert.equal(first, second);
    assert.deepEqual(await outboxOf(system), []);
  });

  it('that was sealed with a lost SECRET_KEY is given up, and with one that is kept as old it arrives', async () => {
    const [first, second, third] = ['a', 'b', 'c'].map(
      (letter) => `Zm9yIHRlc3RzIG9ubHkgYW5kIG5vdGhp${letter}`,
    );
    await using smtp = await startSmtp();
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using system = await startSystem({ ...options, secretKey: `${first}` }, engine);
    await queueNotices(system);
    const shared = existingDatabase(system.databaseUrl);
    await using rotated = await startSystem({ ...options, secretKey: `${second},${first}` }, shared);
    assert.equal(await rotated.system.mailWorker.deliverDue(), 1);
    await queueNotices(system);
    await using lost = await startSystem({ ...options, secretKey: `${third}` }, shared);
    assert.equal(await lost.system.mailWorker.deliverDue(), 0);
    assert.match(String((await outboxOf(system))[0]?.answer), /SECRET_KEY/);
  });

  it('A32: cannot be sent to somebody else by who can write to the database', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    const { queries } = system.system.core.database;
    await queries.updateTable('mail_outbox').set({ recipient: 'eve@evil.example' }).execute();
    assert.equal(await system.system.mailWorker.deliverDue(), 0);
    assert.deepEqual(smtp.received, []);
    assert.equal(about(system, 'mail-failed').length, 1);
  });
});
