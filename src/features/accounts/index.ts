import { changes } from '../../auth/accounts/account-lifecycle.ts';
import { defineFeature } from '../../auth/feature.ts';
import { accountPage } from './account.ts';
import { bounds, events, flashes, limits } from './definitions.ts';
import { deleteAccount, deletionPage, deletionSettings } from './deletion.ts';
import { exportData } from './export.ts';
import * as words from './words.ts';

export { profile } from './pages.ts';
export { emailStateWords } from './words.ts';

/** The user's own account: what is kept of it, its export and its deletion. */
export const accounts = defineFeature({
  name: 'accounts',
  words,
  bounds,
  events,
  flashes,
  limits,
  settings: deletionSettings,
  changes,
  pages: [accountPage, deletionPage],
  actions: [deleteAccount],
  compose: (core) => ({
    routes: [
      {
        method: 'GET',
        path: '/account/export',
        access: 'fresh',
        limit: 'none',
        handle: exportData(core),
      },
    ],
  }),
});
