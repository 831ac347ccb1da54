import { z } from 'zod';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Id } from '../../platform/text/index.ts';
import { hashedCodesOf, insertHashedCodes } from './store.ts';

const savedCodes = z.array(z.object({ hash: z.string(), usedAt: z.number().nullable() }));

/** Of a list that is removed or replaced: the codes that were used stay used (A40). */
export async function saveCodes(transaction: Queries, listId: Id): Promise<z.input<typeof savedCodes>> {
  const codes = await hashedCodesOf(transaction, listId);
  return codes.map(({ hash, usedAt }) => ({ hash: Buffer.from(hash).toString('base64url'), usedAt }));
}

export async function restoreCodes(
  transaction: Queries,
  accountId: AccountId,
  listId: Id,
  saved: unknown,
): Promise<void> {
  const codes = savedCodes.parse(saved);
  const hashed = codes.map(({ hash, usedAt }) => ({ hash: Buffer.from(hash, 'base64url'), usedAt }));
  await insertHashedCodes(transaction, { listId, accountId }, hashed);
}
