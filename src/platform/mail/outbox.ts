import type { MailMessage } from '../../auth/mail/message.ts';
import type { Queries } from '../sql/index.ts';
import { isStoredAddress } from '../text/email-address.ts';
import { newId } from '../text/uuid.ts';
import type { Mailbox } from './mailbox.ts';
import type { RenderMail } from './render.ts';
import type { MailSeal } from './seal.ts';
import type { MailTables } from './store.ts';
import { insertMail } from './store.ts';

/** Where mail of this system goes: to a server, into the mailbox of development, or nowhere. */
export type MailRoute = 'server' | 'mailbox' | 'nowhere';

/** A mail to be written. */
export type MailOrder = {
  /** The address as it is stored, of the account or of the link that the mail is about; never as it was typed (A31). */
  readonly to: string;
  /** The account that the mail goes with when it is deleted; null for what has to arrive all the same. */
  readonly accountId: string | null;
  readonly message: MailMessage;
  /** Milliseconds of UTC. */
  readonly now: number;
};

/** What features know of mail. */
export type Mail = {
  /** Whether any mail can arrive. Where none can, offer nothing that rests on mail. */
  readonly isPossible: boolean;
  /**
   * Puts a mail into the outbox, in the transaction of what it tells of: both are kept, or neither is. It is sent once
   * that is committed, however long the server is away. Where no mail is possible nothing is written.
   * @throws {TypeError} when the address is not one stored address, or a page in the message is not of this site
   */
  readonly queue: (transaction: Queries<MailTables>, order: MailOrder) => Promise<void>;
  /** Where mail goes in development; null elsewhere. */
  readonly mailbox: Mailbox | null;
};

export type OutboxParts = {
  readonly route: MailRoute;
  readonly mailbox: Mailbox;
  readonly render: RenderMail;
  readonly seal: MailSeal;
  /** Told that something may be waiting soon. */
  readonly onQueued: () => void;
};

export function createOutbox({ route, mailbox, render, seal, onQueued }: OutboxParts): Mail {
  if (route === 'nowhere') return { isPossible: false, queue: async () => {}, mailbox: null };
  return {
    isPossible: true,
    mailbox: route === 'mailbox' ? mailbox : null,
    queue: async (transaction, { to, accountId, message, now }) => {
      const recipient = storedAddress(to);
      const id = newId(now);
      const sealed = seal.seal(await render(message), { id, recipient });
      const row = { id, accountId, recipient, message: message.name, sealed, now, goesTo: route };
      await insertMail(transaction, row);
      onQueued();
    },
  };
}

// Whatever is stored was parsed before, so this fails for a defect alone, and then nobody gets somebody's mail (A32).
function storedAddress(to: string): string {
  if (!isStoredAddress(to)) throw new TypeError('mail goes to one stored address');
  return to;
}
