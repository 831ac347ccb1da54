import { newSecret } from '../platform/settings/strong-secret.ts';
import { type Command, jsonOption } from './command.ts';

const ADVICE = [
  'Keep it in a file that only the server can read: name that in SECRET_KEY_FILE or PASSWORD_PEPPER_FILE,',
  'use one secret for one of them alone, and never put it into the repository. docs/secrets.md tells how to rotate it.',
].join('\n');

export const secret: Command = {
  name: 'secret',
  summary: 'Make a secret for SECRET_KEY or PASSWORD_PEPPER.',
  options: { json: jsonOption },
  run: async ({ json }) => {
    console.log(json === true ? JSON.stringify({ secret: newSecret() }) : newSecret());
    // On stderr, so that `latchkey secret > FILE` writes the secret and nothing else.
    console.error(ADVICE);
  },
};
