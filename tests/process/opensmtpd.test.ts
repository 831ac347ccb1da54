import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simpleParser } from 'mailparser';
import { startOpensmtpd } from '../../scripts/provide/opensmtpd.ts';
import { until } from '../kit/clock.ts';
import { everyMail, outboxOf } from '../kit/mail.ts';
import { deliverMail, reachInside, startSystem } from '../kit/system.ts';

describe('mail through OpenSMTPD', () => {
  it('arrives in its mailbox, and is given up when the server rejects it', async () => {
    const server = await startOpensmtpd();
    await using stack = new AsyncDisposableStack();
    stack.defer(server.stop);
    await using system = await startSystem({ smtpUrl: server.url, mailFrom: 'Example <login@example.org>' });
    const { database, mail } = reachInside(system, 'no request queues one of every mail').core;
    const now = system.clock.read();
    const samples = everyMail(now);
    for (const { email, occasion } of samples)
      await mail.queue(database.queries, { to: 'ada@example.org', ownerId: null, email, occasion });
    const [sample] = samples;
    assert.ok(sample !== undefined);
    const { email, occasion } = sample;
    await mail.queue(database.queries, { to: 'ada@elsewhere.example', ownerId: null, email, occasion });
    // It has just been started, and may listen a little later than it reports.
    await until('the server takes them', async () => {
      await deliverMail(system);
      system.clock.advance(60 * 60_000);
      return (await outboxOf(system)).every(({ due_at }) => due_at === null);
    });
    await until('they are delivered', () => server.delivered().length === samples.length);
    const mails = await Promise.all(server.delivered().map((raw) => simpleParser(raw)));
    assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, samples.length);
    for (const { from, to, subject, text, html } of mails) {
      assert.equal(from?.text, '"Example" <login@example.org>');
      assert.equal([to].flat()[0]?.text, 'ada@example.org');
      assert.match(`${subject}`, /Latchkey/);
      assert.match(`${text}`, /Latchkey sent this by itself/);
      assert.match(`${html}`, /<h1>/);
    }
    const [refused, ...others] = await outboxOf(system);
    assert.deepEqual([refused?.recipient, others], ['ada@elsewhere.example', []]);
    assert.match(String(refused?.answer), /^550 Invalid recipient/);
  });
});
