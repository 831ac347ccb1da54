import { deleteOldMail, mailOf } from '../../platform/mail/index.ts';
import { DAY } from '../../platform/runtime/index.ts';
import type { DeleteExpired } from '../../platform/sql/index.ts';
import { isoTime, type PersonalData } from '../personal-data.ts';
import type { Database } from '../schema.ts';

/** Long enough for the operator to notice, and to send it after all. */
const FAILED_KEPT = 30 * DAY;
const SHOWN_KEPT = 7 * DAY;

/** Deletes mails that were given up and not sent again; a sent mail is deleted at once. */
export function deleteExpiredMail({ queries }: Database): DeleteExpired {
  return (now, most) => deleteOldMail(queries, { failed: now - FAILED_KEPT, shown: now - SHOWN_KEPT }, most);
}

/** The queued mails to a user, and in development those of the mailbox. */
export function mailData({ queries }: Database): PersonalData {
  return {
    name: 'mail',
    table: 'mail_outbox',
    leftOut: {
      account_id: 'it is the id of the account',
      sealed: 'it may hold links that act for whoever has them; it is in the mail itself',
      due_at: 'it says when this server tries next, and nothing of anybody',
      lease: 'it says which server is at work, and nothing of anybody',
    },
    read: async (accountId) =>
      (await mailOf(queries, accountId)).map((mail) => ({
        id: mail.id,
        recipient: mail.recipient,
        message: mail.message,
        createdAt: isoTime(mail.createdAt),
        attempts: mail.attempts,
        answer: mail.answer,
        shownAt: isoTime(mail.shownAt),
        failedAt: isoTime(mail.failedAt),
      })),
  };
}
