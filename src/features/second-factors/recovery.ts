import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { tokens } from './definitions.ts';
import { type StoredRecovery, storedRecoveryOf } from './recovery-store.ts';

/**
 * The pending recovery of an account without its second factors. Its one-time token permits it: what voids that, such as
 * another password, ends it, and of stopping and completing it at once the deletion of the token lets one through.
 */
export async function pendingRecovery(
  { oneTimeTokens }: Pick<Core, 'oneTimeTokens'>,
  queries: Queries,
  accountId: AccountId,
  now: number,
): Promise<StoredRecovery | null> {
  const stored = await storedRecoveryOf(queries, accountId);
  if (stored === null) return null;
  const live = await oneTimeTokens.ofAccount(tokens['factor-recovery'], accountId, now, queries);
  return live.some(({ id }) => id === stored.id) ? stored : null;
}
