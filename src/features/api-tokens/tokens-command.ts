import type { CommandContext, Commands } from '../../auth/commands.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { CommandError, jsonForTerminal, UsageError } from '../../platform/command-line/index.ts';
import { apiTokenIds } from './api-token.ts';
import { events } from './definitions.ts';
import { tokenAsJson } from './personal-data.ts';
import { apiTokensOf, deleteApiToken, deleteApiTokensOf } from './store.ts';

export const tokensCommand: Commands = ({ onAccount }) => [
  onAccount(
    {
      name: 'user tokens',
      summary: 'List the API tokens of an account, or revoke them.',
      options: {
        revoke: { type: 'string', explanation: 'The id of a token that works no more from now on.' },
        'revoke-all': { type: 'boolean', explanation: 'Revoke all of them.' },
      },
    },
    async ({ id: accountId }, context, { revoke, 'revoke-all': isAll }) => {
      if (revoke !== undefined && isAll === true) throw new UsageError('--revoke goes without --revoke-all');
      if (typeof revoke === 'string') await revokeOne(context, accountId, revoke);
      if (isAll === true) await revokeAll(context, accountId);
      const json = await liveTokens(context, accountId);
      // The name was chosen by the user, so it is quoted.
      const lines = json.map(({ id, name, scopes, expiresAt, lastUsedAt }) =>
        [
          id,
          jsonForTerminal(name),
          ...scopes,
          `until ${expiresAt}`,
          `last used ${lastUsedAt ?? 'never'}`,
        ].join('  '),
      );
      return { json, text: lines.length === 0 ? 'There are no API tokens.' : lines };
    },
  ),
];

async function revokeOne({ database, announce }: CommandContext, accountId: AccountId, text: string) {
  const tokenId = apiTokenIds.parse(text);
  if (tokenId === null || !(await deleteApiToken(database.queries, accountId, tokenId)))
    throw new CommandError('The account has no such token; user tokens lists the ids');
  announce(events.apiTokenRevoked, { accountId, tokenId });
}

async function revokeAll({ database, announce }: CommandContext, accountId: AccountId): Promise<void> {
  const count = await deleteApiTokensOf(database.queries, accountId);
  if (count > 0) announce(events.apiTokensRevoked, { accountId, count });
}

async function liveTokens({ database, now }: CommandContext, accountId: AccountId) {
  const rows = await apiTokensOf(database.queries, accountId);
  return rows.filter(({ expires_at }) => expires_at > now).map(tokenAsJson);
}
