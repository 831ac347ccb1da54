import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import { factorRowsOf } from '../second-factors/index.ts';
import { type Passkey, passkeysOf } from './store.ts';

/**
 * The passkeys that no sign-in asks for. A thief of the password may have added one, of which the owner sees nothing, so they go
 * when the account is recovered, as identities at providers do, unless the owner keeps them (A20).
 */
export async function unaskedPasskeysOf(on: Queries, accountId: AccountId): Promise<readonly Passkey[]> {
  const factors = await factorRowsOf(on, accountId);
  const unasked = factors.filter(({ unaskedSince }) => unaskedSince !== null).map(({ id }) => id);
  return (await passkeysOf(on, accountId)).filter(({ factorId }) => unasked.includes(factorId));
}
