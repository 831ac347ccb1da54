import { createOneTimeTokens } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { paths } from '../../auth/paths.ts';
import { isoTime } from '../../auth/personal-data.ts';
import { HANDED_OVER_LIFETIME, issueReset, resetPurpose } from '../../features/password-reset/index.ts';
import { passwordVersions } from '../../features/passwords/index.ts';
import { givenSettings } from '../../settings.ts';
import { type Command, CommandError, jsonOption } from '../command.ts';
import { nameOperand, type People, withAccount } from './people.ts';

export const resetLink: Command = {
  name: 'user reset-link',
  summary: 'Make a link with which somebody chooses a new password, and print it; for who has no mail.',
  options: { json: jsonOption },
  operands: [nameOperand],
  run: async ({ json }, [name = '']) => {
    const { baseUrl } = givenSettings(process.env, process.cwd());
    await withAccount('user reset-link', name, async (account, people) => {
      const { id, username, disabledAt } = account;
      if (disabledAt !== null)
        throw new CommandError(`${username} is disabled; first: latchkey user enable ${id}`);
      const link = new URL(`${paths.resetPassword}?token=${await make(people, id)}`, baseUrl).href;
      const expiresAt = isoTime(people.now + HANDED_OVER_LIFETIME);
      if (json === true) return console.log(JSON.stringify({ id, username, link, expiresAt }));
      console.log(link);
      console.log(`For ${username} alone, once, until ${expiresAt}. Whoever has it has the account.`);
    });
  },
};

async function make(
  { database, accounts, secrets, now, announce }: People,
  accountId: string,
): Promise<string> {
  const version = await passwordVersions(database)(accountId);
  const core = { accounts, oneTimeTokens: createOneTimeTokens(database, secrets()) };
  const reset = { accountId, address: null, version, lifetime: HANDED_OVER_LIFETIME };
  const token = await database.transaction(async (transaction) => {
    await accounts.lock(transaction, accountId);
    // What was handed over before may have come into other hands.
    await core.oneTimeTokens.voidAll(transaction, resetPurpose, accountId);
    return issueReset(core, transaction, reset, now);
  });
  announce({ type: 'password-reset-link-created', accountId });
  return token;
}
