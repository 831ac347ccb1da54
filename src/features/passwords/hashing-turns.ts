import { accountOrName } from '../../auth/identifiers/account-name.ts';
import type { RequestContext } from '../../auth/request-context.ts';
import { clientNetwork, widestNetwork } from '../../platform/rate-limit/index.ts';
import type { Line, Turn } from '../../platform/runtime/index.ts';
import type { SignInAttempt } from './limits.ts';

/** The turn of a hash for a sign-in attempt. Known devices have a priority of their own (A07). */
export function signInTurn(
  device: string | null,
  context: RequestContext,
  { accountId, name }: Pick<SignInAttempt, 'accountId' | 'name'>,
): Turn {
  const line = device === null ? 'everybody' : 'known';
  return { line, client: widestNetwork(context.address), owner: accountOrName(accountId, name) };
}

/** The turn of a hash for one account. */
export function accountTurn(
  accountId: string | null,
  line: Line = 'everybody',
  context: RequestContext | null = null,
): Turn {
  const client = context === null ? null : widestNetwork(context.address);
  return { line, client, owner: accountId === null ? null : accountOrName(accountId, '') };
}

/** The turn of a hash for a client without an account. */
export function clientTurn({ address }: RequestContext): Turn {
  const from = clientNetwork(address);
  const owner = from === null ? null : `client ${from.address}`;
  return { line: 'everybody', client: widestNetwork(address), owner };
}
