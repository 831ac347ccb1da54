import type { Commands } from '../../auth/commands.ts';
import { createOneTimeTokens } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { CommandError } from '../../platform/command-line/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { pageUrl } from '../../platform/web/index.ts';
import { createResetLink } from './reset-link.ts';

export const resetLinkCommand: Commands = ({ onAccount, settings }) => [
  onAccount(
    { name: 'user reset-link', summary: 'Print a password reset link for a user without email.' },
    async ({ id, username, disabledAt }, context) => {
      if (disabledAt !== null)
        throw new CommandError(`${username} is disabled; first: latchkey user enable ${id}`);
      const oneTimeTokens = createOneTimeTokens(context.database, context.secrets());
      const { path, expiresAt } = await createResetLink({ ...context, oneTimeTokens }, id);
      const link = pageUrl(path, settings()).href;
      const expires = isoTime(expiresAt);
      const advice = `For ${username} alone, once, until ${expires}. It gives access to the account.`;
      return { json: { id, username, link, expiresAt: expires }, text: [link, advice] };
    },
  ),
];
