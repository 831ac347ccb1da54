import type { CommandContext } from '../../auth/commands.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import type { OneTimeTokens } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { passwordVersions } from '../passwords/index.ts';
import { events, tokens } from './definitions.ts';
import { HANDED_OVER_LIFETIME, issueReset, resetPagePath } from './reset-token.ts';

export type ResetLinkParts = Pick<CommandContext, 'database' | 'accounts' | 'now' | 'announce'> & {
  readonly oneTimeTokens: OneTimeTokens;
};

/** The page of a link that the operator or the application hands over to the owner of an account. */
export type ResetLink = {
  readonly path: `/${string}`;
  /** Milliseconds of UTC. */
  readonly expiresAt: number;
};

/** Makes a link to choose a new password, instead of all earlier ones. */
export async function createResetLink(parts: ResetLinkParts, accountId: AccountId): Promise<ResetLink> {
  const { database, accounts, oneTimeTokens, now, announce } = parts;
  const version = await passwordVersions(database)(accountId);
  const reset = { accountId, address: null, version, lifetime: HANDED_OVER_LIFETIME };
  const token = await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    // An earlier link may have been given to another user.
    await oneTimeTokens.voidAll(transaction, tokens['password-reset'], accountId);
    return issueReset(parts, transaction, reset, now);
  });
  announce(events.passwordResetLinkCreated, { accountId });
  return { path: resetPagePath(token), expiresAt: now + HANDED_OVER_LIFETIME };
}
