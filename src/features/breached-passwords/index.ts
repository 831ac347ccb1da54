import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { bounds, changes } from './definitions.ts';
import { newPasswordPage, newPasswordStep, replaceBreachedPassword } from './new-password.ts';
import * as words from './words.ts';

/** Has users with a breached password choose another one before their sign-in continues. */
export const breachedPasswords = defineFeature({
  name: 'breached-passwords',
  words,
  bounds,
  changes,
  needs: { passwords: passwordsService },
  pages: [newPasswordPage],
  actions: [replaceBreachedPassword],
  compose: (_core, { passwords }) => ({
    signInSteps: [{ ...newPasswordStep(passwords), position: 20 }],
  }),
});
