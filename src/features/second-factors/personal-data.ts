import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { factorRowsOf } from './store.ts';

/** The second factors of a user, without what proves them. */
export function factorData({ queries }: Database): PersonalData {
  return {
    name: 'secondFactors',
    table: 'second_factors',
    leftOut: {
      id: 'it only distinguishes the rows of the table',
      account_id: 'it is the id of the account',
    },
    read: async (accountId) =>
      (await factorRowsOf(queries, accountId)).map(({ kind, addedAt, lastUsedAt, reportedAt }) => ({
        kind,
        addedAt: isoTime(addedAt),
        lastUsedAt: isoTime(lastUsedAt),
        reportedAt: isoTime(reportedAt),
      })),
  };
}
