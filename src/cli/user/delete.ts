import { type Command, jsonOption } from '../command.ts';
import { confirmDeletion } from './confirmation.ts';
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
    withAccount('user delete', name, async (account, { lifecycle, announce, now }) => {
      const { id, username } = account;
      if (yes !== true) await confirmDeletion(account, { input: process.stdin, output: process.stderr });
      const changed = await lifecycle.delete(id, { now });
      if (changed) announce({ type: 'account-deleted', accountId: id });
      if (json === true) console.log(JSON.stringify({ id, username, changed }));
      else console.log(`${username} ${changed ? 'is deleted' : 'was deleted already'}.`);
    }),
};
