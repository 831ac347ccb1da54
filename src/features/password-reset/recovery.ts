import type { ReachableAccount } from '../../auth/accounts/reachable-account.ts';
import type { Core } from '../../auth/core.ts';
import type { Occasion } from '../../auth/mail/message.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Passwords } from '../passwords/index.ts';
import { queueReset } from './mailing/requested.ts';

/**
 * Shuts an account that somebody else is in, in the transaction of whatever has shown that: every session ends, links are
 * void, the password and every other way in open nothing any more, and a mail for a new one goes to the address. Its row must be locked.
 */
export async function beginRecovery(
  core: Core,
  passwords: Passwords,
  transaction: Queries,
  account: ReachableAccount,
  occasion: Occasion,
): Promise<void> {
  const { id, disabledAt } = account;
  await core.oneTimeTokens.voidAfterRecovery(transaction, id);
  await core.lifecycle.signOut(id, transaction);
  const version = await passwords.disable(transaction, id);
  await core.otherWaysIn.forget(transaction, id);
  await core.accounts.forgetDevices(transaction, id, occasion.at);
  if (disabledAt === null) await queueReset(core, transaction, { account, version }, occasion);
}
