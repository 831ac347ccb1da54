import { z } from 'zod';
import { createSeal, openValue } from '../crypto/sealing.ts';
import type { Secrets } from '../crypto/secrets.ts';
import type { RenderedMail } from './render.ts';

/**
 * Seals mails for the time that they wait in the database: the links in them carry tokens, of which nothing but a hash
 * may lie there. Whoever can write to the database cannot have a mail sent to somebody else, because the seal holds only
 * together with its row's id and recipient.
 */
export type MailSeal = {
  readonly seal: (mail: RenderedMail, row: SealedFor) => Uint8Array;
  /** Null where none of the keys made it: `SECRET_KEY` was replaced, or the row was tampered with. */
  readonly open: (sealed: Uint8Array, row: SealedFor) => RenderedMail | null;
};

/** What a sealed mail belongs to. */
export type SealedFor = { readonly id: string; readonly recipient: string };

const content = z.object({ subject: z.string(), text: z.string(), html: z.string() });

export function createMailSeal(secrets: Secrets): MailSeal {
  const seal = createSeal(secrets, 'mail');
  return {
    seal: ({ subject, text, html }, row) => seal.seal(JSON.stringify({ subject, text, html }), boundTo(row)),
    open: (sealed, row) => openValue(seal, content, sealed, boundTo(row)),
  };
}

// An id has one length, so the two cannot be cut apart in another place.
function boundTo({ id, recipient }: SealedFor): string {
  return `${id} ${recipient}`;
}
