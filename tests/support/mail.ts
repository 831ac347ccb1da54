import type { MailMessage } from '../../src/core/mail/message.ts';
import type { TestSystem } from './system.ts';

/** Somebody at a browser, at some time. */
export function occasionAt(at: number) {
  return { at, browser: 'Firefox on Linux', place: 'Berlin, Germany', address: '192.0.2.7' };
}

/** A mail that asks for nothing but to be read. */
export function noticeAt(now: number): MailMessage {
  return { name: 'password-changed', username: 'Ada', page: '/forgot-password', occasion: occasionAt(now) };
}

/** Queues so many mails, to addresses of their own. */
export async function queueNotices({ system, clock }: TestSystem, count = 1): Promise<readonly string[]> {
  const { database, mail } = system.core;
  const recipients = Array.from({ length: count }, (_, number) => `person.${number}@example.org`);
  const now = clock.read();
  for (const to of recipients) {
    const order = { to, accountId: null, message: noticeAt(now), now };
    await database.transaction((transaction) => mail.queue(transaction, order));
  }
  return recipients;
}

/** What waits in the outbox, or was given up. */
export async function outboxOf({ system }: TestSystem) {
  return system.core.database.queries.selectFrom('mail_outbox').selectAll().orderBy('id').execute();
}
