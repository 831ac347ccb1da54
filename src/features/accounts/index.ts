import { changes } from '../../auth/accounts/definitions.ts';
import { defineFeature } from '../../auth/feature.ts';
import { duration, setting } from '../../platform/settings/index.ts';
import { showAccount } from './account.ts';
import { events, flashes, limits } from './definitions.ts';
import { showDeletion, submitDeletion } from './deletion.ts';
import { exportData } from './export.ts';

const accountSettings = {
  deletionDelay: setting({
    name: 'DELETION_DELAY',
    meaning: 'How long a user who deleted the account can keep it by signing in; `0s` deletes at once.',
    fallback: '7d',
    schema: duration({ minimum: '0s', maximum: '90d' }),
  }),
};

/** A person's own account: what is kept of them, how they take it along, and how they leave. */
export const accounts = defineFeature({
  name: 'accounts',
  events,
  flashes,
  limits,
  settings: accountSettings,
  tables: [],
  changes,
  compose: (core) => {
    const { deletionDelay } = core.settingsOf(accountSettings);
    return {
      routes: [
        {
          method: 'GET',
          path: '/account',
          access: 'signed-in',
          limit: 'none',
          handle: showAccount(core),
        },
        {
          method: 'GET',
          path: '/account/export',
          access: 'fresh',
          limit: 'none',
          handle: exportData(core),
        },
        {
          method: 'GET',
          path: '/account/delete',
          access: 'fresh',
          limit: 'none',
          handle: showDeletion(core, deletionDelay),
        },
        {
          method: 'POST',
          path: '/account/delete',
          access: 'fresh',
          limit: 'none',
          handle: submitDeletion(core, deletionDelay),
        },
      ],
    };
  },
});
