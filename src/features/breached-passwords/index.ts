import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import type { Passwords } from '../passwords/index.ts';
import { showNewPassword, submitNewPassword } from './new-password.ts';
import { newPasswordStep } from './step.ts';

/** Has people choose another password, before they go on, when theirs is known to be stolen. */
export function breachedPasswords(core: Core, passwords: Passwords): Feature {
  return {
    name: 'breached-passwords',
    needs: ['passwords'],
    settings: {},
    tables: [],
    signInSteps: [newPasswordStep(passwords)],
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
  };
}
