import type { Queries } from '../sql/index.ts';
import { type Id, isStoredAddress, newId } from '../text/index.ts';
import type { Email, Occasion } from './email.ts';
import type { Mailbox } from './mailbox.ts';
import type { RenderMail } from './render.ts';
import type { MailSeal } from './seal.ts';
import type { MailTables } from './store.ts';
import { insertMail } from './store.ts';

/** Where mail goes: to a server, into the mailbox of development, or nowhere. */
export type MailRoute = 'server' | 'mailbox' | 'nowhere';

export type MailOrder = {
  /** The address as it is stored, never as it was typed (A31). */
  readonly to: string;
  /** The id of the owner, whose deletion deletes the mail; null for a mail that has to arrive all the same. */
  readonly ownerId: Id | null;
  readonly email: Email;
  readonly occasion: Occasion;
};

/** What features know of mail. */
export type Mail = {
  /** Whether mail can arrive. If not, offer nothing that depends on mail. */
  readonly isPossible: boolean;
  /**
   * Puts a mail into the outbox, in the transaction of its cause, so that both are stored or neither is. It is sent after
   * the commit, however long the server is unavailable. Without a mail server, nothing is written.
   * @throws {TypeError} when the address is not one stored address, or a page in the mail is not of this site
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
  /** Called when a mail may be due soon. */
  readonly onQueued: () => void;
};

export function createOutbox({ route, mailbox, render, seal, onQueued }: OutboxParts): Mail {
  if (route === 'nowhere') return { isPossible: false, queue: async () => {}, mailbox: null };
  return {
    isPossible: true,
    mailbox: route === 'mailbox' ? mailbox : null,
    queue: async (transaction, { to, ownerId, email, occasion }) => {
      const recipient = storedAddress(to);
      const id = newId(occasion.at);
      const sealed = seal.seal(await render(email, occasion), { id, recipient });
      const row = { id, ownerId, recipient, message: email.name, sealed, now: occasion.at, goesTo: route };
      await insertMail(transaction, row);
      onQueued();
    },
  };
}

// Stored addresses were parsed before, so this fails only for a defect, and no mail goes to a wrong address (A32).
function storedAddress(to: string): string {
  if (!isStoredAddress(to)) throw new TypeError('mail goes to one stored address');
  return to;
}
