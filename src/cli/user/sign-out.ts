import { type Command, jsonOption } from '../command.ts';
import { nameOperand, withAccount } from './people.ts';

export const signOut: Command = {
  name: 'user sign-out',
  summary: 'End every session of somebody at once; they may sign in again.',
  options: { json: jsonOption },
  operands: [nameOperand],
  run: ({ json }, [name = '']) =>
    withAccount('user sign-out', name, async ({ id, username }, { lifecycle, announce }) => {
      const sessions = await lifecycle.signOut(id);
      announce({ type: 'signed-out-everywhere', accountId: id, sessions });
      if (json === true) console.log(JSON.stringify({ id, username, sessions }));
      else
        console.log(
          `${username} is signed out; ${sessions} ${sessions === 1 ? 'session' : 'sessions'} ended.`,
        );
    }),
};
