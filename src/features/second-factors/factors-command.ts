import type { Commands } from '../../auth/commands.ts';
import type { AccountId } from '../../auth/identifiers/ids.ts';
import { createTokenCare } from '../../auth/one-time-tokens/one-time-tokens.ts';
import type { Database } from '../../auth/schema.ts';
import { CommandError, textForTerminal, UsageError } from '../../platform/command-line/index.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { events, tokens } from './definitions.ts';
import { storedRecoveryOf } from './recovery-store.ts';
import { parseReason, resetFactors } from './reset.ts';
import { factorRowsOf } from './store.ts';

export const factorsCommand: Commands = ({ onAccount }) => [
  onAccount(
    { name: 'user factors', summary: 'Show the second factors of an account, and a pending recovery.' },
    async ({ id, username }, { database, now }) => {
      const recovery = await recoveryShown(database, id, now);
      const rows = await factorRowsOf(database.queries, id);
      const factors = rows.map(({ kind, addedAt, lastUsedAt, unaskedSince }) => ({
        kind,
        addedAt: isoTime(addedAt),
        lastUsedAt: isoTime(lastUsedAt),
        isAskedFor: unaskedSince === null,
      }));
      const name = textForTerminal(username);
      const text =
        factors.length === 0
          ? [`${name} has no second factor.`]
          : factors.map(({ kind, addedAt, lastUsedAt, isAskedFor }) => {
              const used = lastUsedAt === null ? 'never used' : `last used ${lastUsedAt}`;
              return `${kind}  added ${addedAt}, ${used}${isAskedFor ? '' : ', signs in, and is not asked for'}`;
            });
      const pending = recovery === null ? [] : [recoveryLine(recovery)];
      return { json: { id, username, factors, recovery }, text: [...text, ...pending] };
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

type ShownRecovery = Readonly<Record<'requestedAt' | 'dueAt' | 'expiresAt', string | null>>;

/** A request of the user to sign in without the factors that nothing has stopped or voided. */
async function recoveryShown(
  { queries }: Database,
  accountId: AccountId,
  now: number,
): Promise<ShownRecovery | null> {
  const stored = await storedRecoveryOf(queries, accountId);
  if (stored === null) return null;
  const outstanding = await createTokenCare(queries).outstanding(tokens['factor-recovery'], now);
  if (!outstanding.some(({ id }) => id === stored.id)) return null;
  const { requestedAt, dueAt, expiresAt } = stored;
  return {
    requestedAt: isoTime(requestedAt),
    dueAt: isoTime(dueAt),
    expiresAt: isoTime(expiresAt),
  };
}

function recoveryLine({ requestedAt, dueAt, expiresAt }: ShownRecovery): string {
  return `A recovery without them was requested ${requestedAt}; it can be completed from ${dueAt} to ${expiresAt}.`;
}
