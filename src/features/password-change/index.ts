import { defineFeature } from '../../auth/feature.ts';
import { passwordsService } from '../passwords/index.ts';
import { leadToPasswordChange, showPasswordChange, submitPasswordChange } from './change.ts';
import { changes } from './definitions.ts';

/** The page where people change their password, and the address at which password managers look for it. */
export const passwordChange = defineFeature({
  name: 'password-change',
  settings: {},
  tables: [],
  changes,
  needs: { passwords: passwordsService },
  compose: (core, { passwords }) => ({
    routes: [
      {
        method: 'GET',
        path: '/.well-known/change-password',
        access: 'open',
        limit: 'none',
        handle: leadToPasswordChange(core),
      },
      {
        method: 'GET',
        path: '/account/password',
        access: 'signed-in',
        limit: 'none',
        handle: showPasswordChange(core, passwords),
      },
      {
        method: 'POST',
        path: '/account/password',
        access: 'signed-in',
        limit: 'hashing',
        handle: submitPasswordChange(core, passwords),
      },
    ],
  }),
});
