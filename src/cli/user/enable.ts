import { type Command, jsonOption } from '../command.ts';
import { nameOperand, withAccount } from './people.ts';

export const enable: Command = {
  name: 'user enable',
  summary: 'Let somebody in again who was disabled; they sign in anew.',
  options: { json: jsonOption },
  operands: [nameOperand],
  run: ({ json }, [name = '']) =>
    withAccount('user enable', name, async (account, { lifecycle, announce }) => {
      const { id, username } = account;
      const changed = await lifecycle.enable(id);
      if (changed) announce({ type: 'account-enabled', accountId: id });
      if (json === true) console.log(JSON.stringify({ id, username, changed }));
      else console.log(`${username} ${changed ? 'is now enabled' : 'was enabled already'}.`);
    }),
};
