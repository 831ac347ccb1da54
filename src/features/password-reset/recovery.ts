import type { Core } from '../../auth/core.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import type { Passwords } from '../passwords/index.ts';
import type { ReachableAccount } from '../requested-mail/index.ts';
import { queueReset } from './mailing/requested.ts';

/**
 * Disables the password of an account that an attacker is in and mails its owner a link for a new one, in the change
 * of credentials that has shown so.
 */
export async function beginRecovery(
  core: Core,
  passwords: Passwords,
  transaction: Queries,
  account: ReachableAccount,
  occasion: Occasion,
): Promise<void> {
  const version = await passwords.disable(transaction, account.id);
  if (account.disabledAt === null) await queueReset(core, transaction, { account, version }, occasion);
}
