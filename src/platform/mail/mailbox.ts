import type { Database } from '../sql/index.ts';
import { isId } from '../text/index.ts';
import type { MailSeal } from './seal.ts';
import { composed } from './smtp.ts';
import type { MailTables } from './store.ts';
import { oneShownMail, type SealedRow, shownMail } from './store.ts';
import { type OutgoingMail, outgoingMail } from './transport.ts';

/** A mail that was not sent, because this is development and there is no mail server. */
export type ShownMail = OutgoingMail & {
  readonly id: string;
  /** Which mail it is, such as `invitation`. */
  readonly message: string;
};

/** Where mail goes in development. */
export type Mailbox = {
  /** The newest first, without those that were sealed with a lost key. */
  readonly list: () => Promise<readonly ShownMail[]>;
  readonly read: (id: string) => Promise<ShownMail | null>;
  /** A mail as a server would receive it (RFC 5322). */
  readonly sourceOf: (mail: ShownMail) => Promise<string>;
};

const MOST_LISTED = 100;

export function openMailbox(
  { queries }: Database<MailTables>,
  seal: MailSeal,
  from: OutgoingMail['from'],
): Mailbox {
  const shown = (row: SealedRow): ShownMail | null => {
    const content = seal.open(row.sealed, row);
    if (content === null) return null;
    const { id, message, recipient, createdAt } = row;
    return { id, message, ...outgoingMail({ id, recipient, from, createdAt, content }) };
  };
  return {
    list: async () => (await shownMail(queries, MOST_LISTED)).flatMap((row) => shown(row) ?? []),
    read: async (id) => {
      const row = isId(id) ? await oneShownMail(queries, id) : null;
      return row === null ? null : shown(row);
    },
    sourceOf,
  };
}

async function sourceOf(mail: OutgoingMail): Promise<string> {
  const { createTransport } = await import('nodemailer');
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const { message } = await writer.sendMail(composed(mail));
  return String(message);
}
