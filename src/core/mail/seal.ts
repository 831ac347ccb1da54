import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Secrets } from '../secrets.ts';
import type { RenderedMail } from './render.ts';

/**
 * Seals mails for the time that they wait in the database: the links in them carry tokens, of which nothing but a hash
 * may lie there. AES-256-GCM (NIST SP 800-38D) under a key of its own; whoever can write to the database cannot have a
 * mail sent to somebody else, because the seal holds only together with its row's id and recipient.
 */
export type MailSeal = {
  readonly seal: (mail: RenderedMail, row: SealedFor) => Uint8Array;
  /** Null where none of the keys made it: `SECRET_KEY` was replaced, or the row was tampered with. */
  readonly open: (sealed: Uint8Array, row: SealedFor) => RenderedMail | null;
};

/** What a sealed mail belongs to. */
export type SealedFor = { readonly id: string; readonly recipient: string };

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const content = z.object({ subject: z.string(), text: z.string(), html: z.string() });

export function createMailSeal(secrets: Secrets): MailSeal {
  const keys = secrets.keys('mail');
  return {
    seal: (mail, row) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keys[0], nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(row));
      const { subject, text, html } = mail;
      const plain = JSON.stringify({ subject, text, html });
      return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, row) => {
      for (const key of keys) {
        const plain = opened(key, Buffer.from(sealed), row);
        if (plain !== null) return content.parse(JSON.parse(plain));
      }
      return null;
    },
  };
}

function opened(key: KeyObject, sealed: Buffer, row: SealedFor): string | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(row));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return (
      decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  } catch {
    // The tag does not fit: another key, or another row.
    return null;
  }
}

// An id has one length, so the two cannot be cut apart in another place.
function boundTo({ id, recipient }: SealedFor): Buffer {
  return Buffer.from(`${id} ${recipient}`);
}
