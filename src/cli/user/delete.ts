import type { Account } from '../../core/accounts.ts';
import { type Command, CommandError, jsonOption, UsageError } from '../command.ts';
import { askForWord, type Terminal } from './ask.ts';
import { nameOperand, withAccount } from './people.ts';

export const deleteUser: Command = {
  name: 'user delete',
  summary: 'Delete an account and everything kept of it, at once and for good.',
  options: {
    yes: { type: 'boolean', explanation: 'Do not ask, for scripts.' },
    json: jsonOption,
  },
  operands: [nameOperand],
  run: ({ yes, json }, [name = '']) =>
    withAccount('user delete', name, async (account, { lifecycle, announce }) => {
      const { id, username } = account;
      if (yes !== true) await confirm(account, { input: process.stdin, output: process.stderr });
      const changed = await lifecycle.delete(id);
      if (changed) announce({ type: 'account-deleted', accountId: id });
      if (json === true) console.log(JSON.stringify({ id, username, changed }));
      else console.log(`${username} ${changed ? 'is deleted' : 'was deleted already'}.`);
    }),
};

async function confirm({ id, username }: Account, terminal: Terminal): Promise<void> {
  if (terminal.input.isTTY !== true) {
    throw new UsageError(
      `This would delete ${username} (${id}) for good; where nobody can be asked, give --yes`,
    );
  }
  const question = `This deletes ${username} (${id}) for good. Type the username to go on: `;
  if ((await askForWord(question, terminal)) !== username) throw new CommandError('Nothing was deleted');
}
