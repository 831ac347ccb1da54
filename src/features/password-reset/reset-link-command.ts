import type { CommandContext, Commands } from '../../auth/commands.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { createOneTimeTokens } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { CommandError } from '../../platform/command-line/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { passwordVersions } from '../passwords/index.ts';
import { events, tokens } from './definitions.ts';
import { HANDED_OVER_LIFETIME, issueReset, resetPagePath } from './reset-token.ts';

export const resetLinkCommand: Commands = ({ onAccount, settings }) => [
  onAccount(
    { name: 'user reset-link', summary: 'Print a password reset link for a user without email.' },
    async ({ id, username, disabledAt }, context) => {
      const { baseUrl } = settings();
      if (disabledAt !== null)
        throw new CommandError(`${username} is disabled; first: latchkey user enable ${id}`);
      const link = new URL(resetPagePath(await issueResetToken(context, id)), baseUrl).href;
      const expiresAt = isoTime(context.now + HANDED_OVER_LIFETIME);
      const advice = `For ${username} alone, once, until ${expiresAt}. It gives access to the account.`;
      return { json: { id, username, link, expiresAt }, text: [link, advice] };
    },
  ),
];

async function issueResetToken(
  { database, accounts, secrets, now, announce }: CommandContext,
  accountId: AccountId,
): Promise<string> {
  const version = await passwordVersions(database)(accountId);
  const core = { accounts, oneTimeTokens: createOneTimeTokens(database, secrets()) };
  const reset = { accountId, address: null, version, lifetime: HANDED_OVER_LIFETIME };
  const token = await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    // An earlier link may have been given to another user.
    await core.oneTimeTokens.voidAll(transaction, tokens['password-reset'], accountId);
    return issueReset(core, transaction, reset, now);
  });
  announce(events.passwordResetLinkCreated, { accountId });
  return token;
}
