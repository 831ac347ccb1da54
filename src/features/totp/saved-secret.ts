import { z } from 'zod';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Id } from '../../platform/text/index.ts';
import { insertSecret, secretOfFactor } from './store.ts';

const savedSecret = z.object({ sealed: z.string(), lastStep: z.number(), failures: z.number() });

/** Of an app that is removed. The steps that were used stay used, and the wrong codes counted (A35, A36). */
export async function saveSecret(transaction: Queries, factorId: Id): Promise<z.input<typeof savedSecret>> {
  const stored = await secretOfFactor(transaction, factorId);
  if (stored === null) throw new TypeError('an authenticator app without a secret');
  const { sealed, lastStep, failures } = stored;
  return { sealed: Buffer.from(sealed).toString('base64url'), lastStep, failures };
}

export async function restoreSecret(
  transaction: Queries,
  accountId: AccountId,
  factorId: Id,
  saved: unknown,
): Promise<void> {
  const { sealed, ...counted } = savedSecret.parse(saved);
  const secret = { factorId, sealed: Buffer.from(sealed, 'base64url'), ...counted };
  await insertSecret(transaction, accountId, secret);
}
