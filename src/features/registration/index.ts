import type { Core } from '../../core/core.ts';
import type { Feature } from '../../core/feature.ts';
import type { Passwords } from '../passwords/index.ts';
import { showRegistration, submitRegistration } from './register.ts';

/** The page where people make their account. */
export function registration(core: Core, passwords: Passwords): Feature {
  return {
    name: 'registration',
    needs: ['passwords'],
    settings: {},
    tables: [],
    routes: [
      {
        method: 'GET',
        path: '/register',
        access: 'public',
        limit: 'none',
        handle: showRegistration(core, passwords),
      },
      {
        method: 'POST',
        path: '/register',
        access: 'public',
        limit: 'hashing',
        handle: submitRegistration(core, passwords),
      },
    ],
  };
}
