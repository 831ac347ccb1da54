import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { rolesOf } from './store.ts';

/** The roles that the application has given the user, also those that it does not define any more. */
export function roleData({ queries }: Database): PersonalData {
  return {
    name: 'roles',
    table: 'account_roles',
    leftOut: {
      id: 'it only distinguishes the rows of the table',
      account_id: 'it is the id of the account',
    },
    read: async (accountId) =>
      (await rolesOf(queries, [accountId])).map(({ role, grantedAt }) => ({
        role,
        grantedAt: isoTime(grantedAt),
      })),
  };
}
