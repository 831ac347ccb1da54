import type { Core } from '../../auth/core.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { Queries } from '../../auth/schema.ts';
import type { Occasion } from '../../platform/mail/index.ts';
import { emails } from './definitions.ts';
import { HANDED_OVER_LIFETIME, issueReset, resetPagePath } from './reset-token.ts';

export type NewOwner = {
  readonly accountId: AccountId;
  /** As it is stored. */
  readonly address: string;
  /** Null where the address may be that of another user, who must not read a name that was made up. */
  readonly username: string | null;
};

/**
 * Mails the owner of an account that was created without a password a link to choose the first one, in the transaction
 * that creates the account. Opening it confirms the address.
 */
export async function queueFirstPassword(
  core: Pick<Core, 'accounts' | 'oneTimeTokens' | 'mail'>,
  transaction: Queries,
  { accountId, address, username }: NewOwner,
  occasion: Occasion,
): Promise<void> {
  const reset = { accountId, address, version: null, lifetime: HANDED_OVER_LIFETIME };
  const token = await issueReset(core, transaction, reset, occasion.at);
  const expires = occasion.at + HANDED_OVER_LIFETIME;
  const email = emails.accountCreated.with({ username, page: resetPagePath(token), expires });
  await core.mail.queue(transaction, { to: address, ownerId: accountId, email, occasion });
}
