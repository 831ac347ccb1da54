import type { Command } from '../platform/command-line/index.ts';
import { newSecret } from '../platform/settings/index.ts';

const ADVICE = [
  'Keep it in a file that only the server can read: name that in SECRET_KEY_FILE or PASSWORD_PEPPER_FILE,',
  'use one secret for one of them alone, and never put it into the repository. docs/secrets.md explains how to rotate it.',
].join('\n');

export const secret: Command = {
  name: 'secret',
  summary: 'Make a secret for SECRET_KEY or PASSWORD_PEPPER.',
  run: async () => {
    const made = newSecret();
    // On stderr, so that `latchkey secret > FILE` writes only the secret.
    console.error(ADVICE);
    return { json: { secret: made }, text: made };
  },
};
