import type { Commands } from '../../auth/commands.ts';
import { CommandError, textForTerminal, UsageError } from '../../platform/command-line/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { events } from './definitions.ts';
import { parseReason, resetFactors } from './reset.ts';
import { factorRowsOf } from './store.ts';

export const factorsCommand: Commands = ({ onAccount }) => [
  onAccount(
    { name: 'user factors', summary: 'Show the second factors of an account.' },
    async ({ id, username }, { database }) => {
      const rows = await factorRowsOf(database.queries, id);
      const factors = rows.map(({ kind, addedAt, lastUsedAt }) => ({
        kind,
        addedAt: isoTime(addedAt),
        lastUsedAt: isoTime(lastUsedAt),
      }));
      const name = textForTerminal(username);
      const text =
        factors.length === 0
          ? [`${name} has no second factor.`]
          : factors.map(({ kind, addedAt, lastUsedAt }) => {
              return `${kind}  added ${addedAt}, ${lastUsedAt === null ? 'never used' : `last used ${lastUsedAt}`}`;
            });
      return { json: { id, username, factors }, text };
    },
  ),
  onAccount(
    {
      name: 'user reset-factors',
      summary: 'Remove the second factors of a user who has lost them.',
      options: {
        reason: { type: 'string', explanation: 'How you know that it is the owner; for the audit log.' },
      },
    },
    async ({ id, username }, context, given) => {
      const reason = parseReason(given['reason']);
      if (reason === null) throw new UsageError('--reason takes 1 to 200 characters on one line');
      const factors = await resetFactors(context, id, context.now);
      if (factors === 0) throw new CommandError(`${username} has no second factor`);
      context.announce(events.secondFactorsReset, { accountId: id, factors, reason });
      const text = `The second factors of ${textForTerminal(username)} are removed; a sign-in asks for the first one alone.`;
      return { json: { id, username, factors }, text };
    },
  ),
];
