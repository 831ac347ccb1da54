import { z } from 'zod';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { type Id, idToBytes } from '../../platform/text/index.ts';
import { deleteFactors } from '../second-factors/index.ts';
import { holderOf, reinsertPasskey, type StoredPasskey, storedPasskeyOf } from './store.ts';

const isBytes = (value: unknown) => value instanceof Uint8Array;
const bytes = z.codec(z.string(), z.custom<Uint8Array>(isBytes), {
  decode: (text) => Buffer.from(text, 'base64url'),
  encode: (value) => Buffer.from(value).toString('base64url'),
});

const savedPasskey = z.object({
  id: bytes,
  credential_hash: bytes,
  credential_id: bytes,
  public_key: bytes,
  counter: z.number(),
  transports: z.string(),
  aaguid: bytes,
  name: z.string(),
  is_synced: z.number(),
  is_backed_up: z.number(),
  added_at: z.number(),
  last_used_at: z.number().nullable(),
});

/** Of a passkey that is removed. Its signature counter stays what it was (A41). */
export async function savePasskey(transaction: Queries, factorId: Id): Promise<z.input<typeof savedPasskey>> {
  const stored = await storedPasskeyOf(transaction, factorId);
  if (stored === null) throw new TypeError('a second factor without its passkey');
  return savedPasskey.encode(stored);
}

export async function restorePasskey(
  transaction: Queries,
  accountId: AccountId,
  factorId: Id,
  saved: unknown,
): Promise<void> {
  const owner = { factor_id: idToBytes(factorId), account_id: idToBytes(accountId) };
  const passkey = { ...savedPasskey.parse(saved), ...owner };
  await deleteCopy(transaction, passkey);
  await reinsertPasskey(transaction, passkey);
}

/**
 * No authenticator makes a credential id that another one has made. A later passkey with that id is a forgery by which a thief
 * who has removed the passkey keeps it from being restored (A41). The earlier one stays, so that no forgery replaces it.
 * @see WebAuthn Level 3 §7.1, step 26, which allows either
 */
async function deleteCopy(transaction: Queries, passkey: StoredPasskey): Promise<void> {
  const holder = await holderOf(transaction, passkey);
  if (holder !== null && holder.addedAt > passkey.added_at)
    await deleteFactors(transaction, holder.accountId, [holder.factorId]);
}
