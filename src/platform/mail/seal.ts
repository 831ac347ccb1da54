import { z } from 'zod';
import { createSeal, openValue, type Secrets } from '../crypto/index.ts';
import type { RenderedMail } from './email.ts';

/**
 * Encrypts queued mails, because their links carry tokens of which the database may hold only hashes. The seal is bound
 * to the id and the recipient of its row, so an attacker who can write to the database cannot redirect a mail.
 */
export type MailSeal = {
  readonly seal: (mail: RenderedMail, row: SealedFor) => Uint8Array;
  /** Null if none of the keys fits: `SECRET_KEY` was replaced, or the row was changed. */
  readonly open: (sealed: Uint8Array, row: SealedFor) => RenderedMail | null;
};

/** The row that a sealed mail is bound to. */
export type SealedFor = { readonly id: string; readonly recipient: string };

const content = z.object({ subject: z.string(), text: z.string(), html: z.string() });

export function createMailSeal(secrets: Secrets): MailSeal {
  const seal = createSeal(secrets, 'mail');
  return {
    seal: ({ subject, text, html }, row) => seal.seal(JSON.stringify({ subject, text, html }), boundTo(row)),
    open: (sealed, row) => openValue(seal, content, sealed, boundTo(row)),
  };
}

// All ids have the same length, so the two parts cannot be divided differently.
function boundTo({ id, recipient }: SealedFor): string {
  return `${id} ${recipient}`;
}
