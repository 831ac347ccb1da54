import type { MailMessage } from '../../src/core/mail/message.ts';
import type { TestSystem } from './system.ts';

/** Somebody at a browser, at some time. */
function occasionAt(at: number) {
  return { at, browser: 'Firefox on Linux', place: 'Berlin, Germany', address: '192.0.2.7' };
}

/** A mail that asks for nothing but to be read. */
function noticeAt(now: number): MailMessage {
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

const DAY = 86_400_000;

/** One of each mail, with what somebody unkind would like to see in it. */
export function everyMail(now: number, username = 'Ada'): readonly MailMessage[] {
  const occasion = occasionAt(now);
  const notice = { username, page: '/account', occasion } as const;
  const link = { page: '/confirm?token=x&y=z', expiresAt: now + DAY } as const;
  const code = '48210937';
  return [
    { name: 'confirm-address', ...link, code, occasion },
    { name: 'reset-password', ...notice, ...link },
    { name: 'address-change-confirm', ...link, occasion },
    { name: 'address-wanted', ...notice },
    { name: 'address-change-notice', ...notice, ...link },
    { name: 'password-changed', ...notice },
    { name: 'address-changed', ...notice },
    { name: 'signed-in-from-new-device', ...notice, ...link },
    { name: 'session-ended-after-theft', ...notice },
    { name: 'account-disabled', username, occasion: { at: now, browser: null, place: null, address: null } },
    { name: 'account-deletion-requested', ...notice, deleteAt: now + 7 * DAY },
    { name: 'account-deleted', username, occasion },
    { name: 'registration-attempted', ...notice, resetPage: '/forgot-password' },
    { name: 'magic-link', ...notice, ...link, code },
    { name: 'invitation', ...link },
    { name: 'credential-changed', ...notice, change: 'added', credential: 'passkey', label: username },
    { name: 'credential-changed', ...notice, change: 'removed', credential: 'connection', label: 'GitHub' },
    { name: 'test', occasion },
  ];
}
