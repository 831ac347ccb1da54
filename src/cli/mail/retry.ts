import { retryMail } from '../../platform/mail/store.ts';
import { isId } from '../../platform/text/uuid.ts';
import { type Command, CommandError, jsonOption, UsageError } from '../command.ts';
import { withPeople } from '../user/people.ts';

export const retry: Command = {
  name: 'mail retry',
  summary: 'Have mail sent by the running server at its next look, as if it were new.',
  options: {
    all: { type: 'boolean', explanation: 'All mail that was given up.' },
    json: jsonOption,
  },
  operands: [{ name: 'ID', explanation: 'One mail, as mail list names it.', isOptional: true }],
  run: ({ all, json }, [id]) => {
    if ((all === true) === (id !== undefined)) throw new UsageError('Give either the ID of a mail or --all');
    if (id !== undefined && !isId(id))
      throw new UsageError(`“${id}” is no ID; latchkey mail list names them`);
    return withPeople('mail retry', async ({ database, now }) => {
      const mails = await retryMail(database.queries, id ?? null, now);
      if (id !== undefined && mails === 0)
        throw new CommandError('That mail is gone, or is being sent at this moment');
      if (json === true) console.log(JSON.stringify({ mails }));
      else console.log(`${mails} ${mails === 1 ? 'mail' : 'mails'} will be tried now.`);
    });
  },
};
