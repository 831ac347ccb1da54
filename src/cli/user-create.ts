import { emailReasons, usernameReasons } from '../features/registration/index.ts';
import { rolesFrom } from '../features/roles/index.ts';
import type { NewUserProblem } from '../library/user-creation.ts';
import { createUsers } from '../library/users.ts';
import { type Command, CommandError, UsageError } from '../platform/command-line/index.ts';
import { english } from '../platform/words/index.ts';
import { commandLineActor, withSystem } from './context.ts';

const NAME = 'user create';

export const create: Command = {
  name: NAME,
  summary: 'Create an account without a password; its owner gets a mail with a link to choose one.',
  operands: [{ name: 'USERNAME', explanation: 'As its owner will enter it.' }],
  options: {
    email: { type: 'string', explanation: 'The address of its owner.' },
    'email-verified': {
      type: 'boolean',
      explanation: 'You have confirmed that the address is that of the owner.',
    },
    roles: { type: 'string', explanation: 'Its roles, such as admin,editor.' },
    'allow-reserved': { type: 'boolean', explanation: 'Let the username be a reserved one, such as admin.' },
  },
  run: (given, [username = '']) => {
    const { email, roles } = given;
    if (given['email-verified'] === true && email === undefined)
      throw new UsageError('--email-verified needs an address; give it with --email');
    return withSystem(async (system) => {
      const created = await createUsers(system, Promise.resolve(), NAME).create({
        username,
        by: commandLineActor(),
        emailVerified: given['email-verified'] === true,
        allowReserved: given['allow-reserved'] === true,
        ...(typeof email === 'string' && { email }),
        ...(typeof roles === 'string' && { roles: rolesFrom(roles) }),
      });
      if (!created.ok) throw new CommandError(problemText(created.reason));
      const { user, mailed } = created;
      const next = mailed
        ? `A mail to ${user.email} waits for the server to send it.`
        : `For a link to choose a password: latchkey user reset-link ${user.id}`;
      return { json: { ...user, mailed }, text: [`${user.username} is created.`, next] };
    });
  },
};

const FIELD_REASONS = new Map(Object.entries({ ...usernameReasons, ...emailReasons }));

function problemText(reason: NewUserProblem): string {
  if (reason === 'unknown-role') return 'There is no such role; ROLES lists those that accounts can have';
  return FIELD_REASONS.get(reason)?.text(english.words) ?? reason;
}
