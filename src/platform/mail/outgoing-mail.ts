import type { RenderedMail } from './render.ts';

/** A mail as it is handed to a server or to the application. */
export type OutgoingMail = RenderedMail & {
  /** With its angle brackets. It stays the same however often the mail is sent (RFC 5322 §3.6.4). */
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Exactly one address. */
  readonly to: string;
  readonly date: Date;
  /** Headers to be sent besides those that each mail has. */
  readonly headers: Readonly<Record<string, string>>;
};

/** What a mail is made of. */
export type MailParts = {
  readonly id: string;
  readonly recipient: string;
  readonly from: OutgoingMail['from'];
  /** Milliseconds of UTC. */
  readonly createdAt: number;
  readonly content: RenderedMail;
};

/** Addresses a mail. Whatever is sent again is the same mail, so that a second copy can be told from another one. */
export function outgoingMail({ id, recipient, from, createdAt, content }: MailParts): OutgoingMail {
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    ...content,
    messageId: `<${id}@${domain}>`,
    from,
    to: recipient,
    date: new Date(createdAt),
    // RFC 3834 §5; the other one keeps Exchange from answering that somebody is on holiday.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}
