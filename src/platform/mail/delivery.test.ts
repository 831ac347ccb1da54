import assert from 'node:assert/strict';
import { it } from 'node:test';
import { existingDatabase, onEveryDatabase } from '../../../tests/kit/databases.ts';
import {
  MAIL_FROM,
  outboxOf,
  queueNotices,
  recipientsOf,
  startRelay,
  startSmtp,
} from '../../../tests/kit/mail.ts';
import { deliverMail, eventsOf, reachInside, startSystem } from '../../../tests/kit/system.ts';
import { DAY, HOUR, MINUTE } from '../runtime/clock.ts';
import { dueMail, takeMail } from './store.ts';

onEveryDatabase('mail', (engine) => {
  it('is retried after one minute and then after two when the server defers it, and arrives', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    for (const [reply, pause] of [
      [{ recipient: '450 greylisted' }, MINUTE],
      [{ recipient: null, data: '451 try later' }, 2 * MINUTE],
    ] as const) {
      Object.assign(smtp.replies, reply);
      assert.equal(await deliverMail(system), 0);
      const [row] = await outboxOf(system);
      const waits = Number(row?.due_at) - system.clock.read();
      assert.ok(waits >= 0.75 * pause && waits <= 1.25 * pause, String(waits));
      assert.equal(await deliverMail(system), 0, 'not before its time');
      system.clock.advance(waits);
    }
    Object.assign(smtp.replies, { data: null });
    assert.equal(await deliverMail(system), 1);
    assert.deepEqual(
      eventsOf(system, 'mail-delayed').map((event) => 'code' in event && event.code),
      ['450', '451'],
    );
  });

  it('A58: waits for an unavailable server through any number of attempts, and then arrives', async () => {
    const smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await smtp[Symbol.asyncDispose]();
    const recipients = await queueNotices(system, 7);
    for (let hour = 0; hour < 48; hour += 1) {
      assert.equal(await deliverMail(system), 0);
      system.clock.advance(HOUR);
    }
    assert.ok(eventsOf(system, 'mail-delayed').length >= 48);
    assert.equal(eventsOf(system, 'mail-failed').length, 0);
    await using again = await startSmtp({}, smtp.port);
    assert.equal(await deliverMail(system), 7);
    assert.deepEqual(recipientsOf(again.received), recipients);
  });

  it('is given up after its server was unavailable for five days', async () => {
    const smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await smtp[Symbol.asyncDispose]();
    await queueNotices(system);
    system.clock.advance(5 * DAY - 1);
    await deliverMail(system);
    assert.equal(eventsOf(system, 'mail-failed').length, 0);
    system.clock.advance(HOUR);
    await deliverMail(system);
    assert.equal(eventsOf(system, 'mail-failed').length, 1);
  });

  it('is kept if the server refuses the login or the sender, because the settings are wrong', async () => {
    await using smtp = await startSmtp();
    const url = smtp.url.replace('//', '//login:wrong@');
    await using system = await startSystem({ smtpUrl: url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    await deliverMail(system);
    const [row] = await outboxOf(system);
    assert.deepEqual([row?.attempts, row?.failed_at], [0, null]);
    assert.match(String(row?.answer), /535/);
    await using sender = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(sender);
    smtp.replies.sender = '553 not your address';
    await deliverMail(sender);
    assert.deepEqual((await outboxOf(sender))[0]?.attempts, 0);
  });

  it('arrives twice with the same Message-ID if the reply of the server was lost', async () => {
    await using smtp = await startSmtp();
    await using relay = await startRelay(smtp);
    await using system = await startSystem({ smtpUrl: relay.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    for (const breaks of ['at-data', 'before-answer', null] as const) {
      relay.breaks = breaks;
      await deliverMail(system);
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

  it('is given up if its SECRET_KEY was lost, and arrives if that is kept as an old one', async () => {
    const [first, second, third] = ['a', 'b', 'c'].map(
      (letter) => `Zm9yIHRlc3RzIG9ubHkgYW5kIG5vdGhp${letter}`,
    );
    await using smtp = await startSmtp();
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using system = await startSystem({ ...options, secretKey: `${first}` }, engine);
    await queueNotices(system);
    const shared = existingDatabase(system.databaseUrl);
    await using rotated = await startSystem({ ...options, secretKey: `${second},${first}` }, shared);
    assert.equal(await deliverMail(rotated), 1);
    await queueNotices(system);
    await using lost = await startSystem({ ...options, secretKey: `${third}` }, shared);
    assert.equal(await deliverMail(lost), 0);
    assert.match(String((await outboxOf(system))[0]?.answer), /SECRET_KEY/);
  });

  it('is sent by one node alone while that is sending it, however old it is', async () => {
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let number = 0;
    await using smtp = await startSmtp({
      onMailFrom: async (_address, _session, done) => {
        number += 1;
        asked.resolve();
        if (number === 1) await answered.promise;
        done(null);
      },
    });
    const options = { smtpUrl: smtp.url, mailFrom: MAIL_FROM };
    await using one = await startSystem(options, engine);
    await using other = await startSystem(options, existingDatabase(one.databaseUrl));
    await queueNotices(one);
    for (const { clock } of [one, other]) clock.advance(HOUR);
    const sending = deliverMail(one);
    await asked.promise;
    const taken = await deliverMail(other);
    answered.resolve();
    assert.deepEqual([await sending, taken, smtp.received.length], [1, 0, 1]);
  });

  it('is given up after twelve attempts that each ended with the process', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    const { queries } = reachInside(system, 'a process that ends takes a mail and settles nothing').core
      .database;
    await queueNotices(system);
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      const now = system.clock.read();
      const [row] = await dueMail(queries, now, 1);
      assert.ok(row !== undefined);
      assert.equal(await takeMail(queries, row, new Uint8Array(16).fill(attempt), now + 5 * MINUTE), true);
      system.clock.advance(5 * MINUTE);
    }
    assert.equal(await deliverMail(system), 0);
    assert.equal(eventsOf(system, 'mail-failed').length, 1);
    assert.deepEqual(smtp.received, []);
  });

  it('A32: cannot be redirected by an attacker with write access to the database', async () => {
    await using smtp = await startSmtp();
    await using system = await startSystem({ smtpUrl: smtp.url, mailFrom: MAIL_FROM }, engine);
    await queueNotices(system);
    const { queries } = reachInside(system, 'an attacker writes to the database').core.database;
    await queries.updateTable('mail_outbox').set({ recipient: 'eve@evil.example' }).execute();
    assert.equal(await deliverMail(system), 0);
    assert.deepEqual(smtp.received, []);
    assert.equal(eventsOf(system, 'mail-failed').length, 1);
  });
});
