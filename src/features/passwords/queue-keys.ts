import { accountOrName } from '../../auth/identifiers/account-name.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { clientNetwork, widestNetwork } from '../../platform/rate-limit/index.ts';
import type { Priority, QueueKey } from '../../platform/runtime/index.ts';
import type { SignInAttempt } from './limits.ts';

/** The queue key of a hash for a sign-in attempt. Known devices have a priority of their own (A07). */
export function signInKey(
  device: string | null,
  context: RequestContext,
  { accountId, name }: Pick<SignInAttempt, 'accountId' | 'name'>,
): QueueKey {
  const priority = device === null ? 'other' : 'known';
  return { priority, client: widestNetwork(context.address), owner: accountOrName(accountId, name) };
}

/** The queue key of a hash for one account. */
export function accountKey(
  accountId: AccountId | null,
  priority: Priority = 'other',
  context: RequestContext | null = null,
): QueueKey {
  const client = context === null ? null : widestNetwork(context.address);
  return { priority, client, owner: accountId === null ? null : accountOrName(accountId, '') };
}

/** The queue key of a hash for a client without an account. */
export function clientKey({ address }: RequestContext): QueueKey {
  const from = clientNetwork(address);
  const owner = from === null ? null : `client ${from.address}`;
  return { priority: 'other', client: widestNetwork(address), owner };
}
