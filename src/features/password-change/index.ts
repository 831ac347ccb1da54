import { defineFeature } from '../../auth/feature.ts';
import { changePassword, leadToPasswordChange, passwordPage } from './change.ts';
import { changes } from './definitions.ts';

/** The page where users change their password, and the address at which password managers look for it. */
export const passwordChange = defineFeature({
  name: 'password-change',
  settings: {},
  tables: [],
  changes,
  pages: [passwordPage],
  actions: [changePassword],
  compose: (core) => ({
    routes: [
      {
        method: 'GET',
        path: '/.well-known/change-password',
        access: 'open',
        limit: 'none',
        handle: leadToPasswordChange(core),
      },
    ],
  }),
});
