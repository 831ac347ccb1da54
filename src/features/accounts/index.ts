import type { Core } from '../../auth/core.ts';
import type { Feature } from '../../auth/feature.ts';
import type { PersonalData } from '../../auth/personal-data.ts';
import { setting } from '../../platform/settings/setting.ts';
import { duration } from '../../platform/settings/values.ts';
import { showAccount } from './account.ts';
import { showDeletion, submitDeletion } from './deletion.ts';
import { exportData } from './export.ts';

export const accountSettings = {
  deletionDelay: setting({
    name: 'DELETION_DELAY',
    meaning: 'How long a user who deleted the account can keep it by signing in; `0s` deletes at once.',
    fallback: '7d',
    schema: duration({ minimum: '0s', maximum: '90d' }),
  }),
};

export type AccountParts = {
  /** How long a deletion waits, in milliseconds. */
  readonly deletionDelay: number;
  /** All that is kept of a person, by whoever keeps it. */
  readonly personalData: readonly PersonalData[];
  /** Whether there are other sites to sign in with. */
  readonly hasConnections: boolean;
};

/** A person's own account: what is kept of them, how they take it along, and how they leave. */
export function accounts(core: Core, { deletionDelay, personalData, hasConnections }: AccountParts): Feature {
  return {
    name: 'accounts',
    needs: [],
    settings: accountSettings,
    tables: [],
    routes: [
      {
        method: 'GET',
        path: '/account',
        access: 'signed-in',
        limit: 'none',
        handle: showAccount(core, hasConnections),
      },
      {
        method: 'GET',
        path: '/account/export',
        access: 'fresh',
        limit: 'none',
        handle: exportData(core, personalData),
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
}
