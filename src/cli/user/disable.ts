import { type Command, jsonOption } from '../command.ts';
import { nameOperand, withAccount } from './people.ts';

export const disable: Command = {
  name: 'user disable',
  summary: 'Let somebody in no more: every session ends at once, and none begins.',
  options: { json: jsonOption },
  operands: [nameOperand],
  run: ({ json }, [name = '']) =>
    withAccount('user disable', name, async (account, { lifecycle, announce, now }) => {
      const { id, username } = account;
      const changed = await lifecycle.disable(id, { now });
      if (changed) announce({ type: 'account-disabled', accountId: id });
      if (json === true) console.log(JSON.stringify({ id, username, changed }));
      else console.log(`${username} ${changed ? 'is now disabled' : 'was disabled already'}.`);
    }),
};
