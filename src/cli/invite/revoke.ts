import { createTokenCare } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { invitationPurpose } from '../../features/registration/index.ts';
import { type Command, CommandError, jsonOption } from '../command.ts';
import { withPeople } from '../user/people.ts';

export const revoke: Command = {
  name: 'invite revoke',
  summary: 'Take an invitation back: its link works no more.',
  options: { json: jsonOption },
  operands: [{ name: 'ID', explanation: 'The id that invite list shows.' }],
  run: ({ json }, [id = '']) =>
    withPeople('invite revoke', async ({ database, announce }) => {
      if (!(await createTokenCare(database.queries).revoke(invitationPurpose, id)))
        throw new CommandError(`There is no invitation “${id}”; it may have been used, or have run out`);
      announce({ type: 'invitation-revoked', invitationId: id });
      if (json === true) console.log(JSON.stringify({ id, revoked: true }));
      else console.log(`The invitation ${id} is taken back.`);
    }),
};
