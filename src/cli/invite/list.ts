import { createTokenCare, type OutstandingToken } from '../../auth/one-time-tokens/one-time-tokens.ts';
import { isoTime } from '../../auth/personal-data.ts';
import { invitationPurpose, readInvitation } from '../../features/registration/index.ts';
import { type Command, jsonOption } from '../command.ts';
import { withPeople } from '../user/people.ts';

export const list: Command = {
  name: 'invite list',
  summary: 'List the invitations that still work; their links were shown once and are kept nowhere.',
  options: { json: jsonOption },
  run: ({ json }) =>
    withPeople('invite list', async ({ database, now }) => {
      const all = (await createTokenCare(database.queries).outstanding(invitationPurpose, now)).map(
        forScripts,
      );
      if (json === true) return console.log(JSON.stringify(all));
      for (const { id, email, allowsReserved, expiresAt } of all)
        console.log(
          [id, email ?? 'anybody', `until ${expiresAt}`, ...(allowsReserved ? ['reserved names'] : [])].join(
            '  ',
          ),
        );
    }),
};

function forScripts({ id, data, issuedAt, expiresAt }: OutstandingToken) {
  return { id, ...readInvitation(data), createdAt: isoTime(issuedAt), expiresAt: isoTime(expiresAt) };
}
