import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { changes } from './definitions.ts';
import { showNewPassword, submitNewPassword } from './new-password.ts';
import { newPasswordStep } from './step.ts';

/** Has people choose another password, before they go on, when theirs is known to be stolen. */
export const breachedPasswords = defineFeature({
  name: 'breached-passwords',
  settings: {},
  tables: [],
  changes,
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => ({
    signInSteps: [{ ...newPasswordStep(passwords), position: 20 }],
    routes: [
      {
        method: 'GET',
        path: '/login/new-password',
        access: 'public',
        limit: 'none',
        handle: showNewPassword(core, passwords),
      },
      {
        method: 'POST',
        path: '/login/new-password',
        access: 'public',
        limit: 'hashing',
        handle: submitNewPassword(core, passwords),
      },
    ],
  }),
});
