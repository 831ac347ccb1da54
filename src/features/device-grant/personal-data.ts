import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { grantsOf } from './store.ts';

/** The requests of devices that a user has seen and that have not expired. */
export function deviceGrantData({ queries }: Database): PersonalData {
  return {
    name: 'deviceGrants',
    table: 'device_grants',
    leftOut: {
      id: 'it only distinguishes the rows of the table',
      device_code_hash: 'it is a hash of a secret of the device',
      user_code: 'it gives access for some minutes',
      account_id: 'it is the id of the account',
      seal: 'it only shows that the row was written here',
    },
    read: async (accountId) =>
      (await grantsOf(queries, accountId)).map((row) => ({
        client: row.client,
        scopes: row.scopes === '' ? [] : row.scopes.split(' '),
        address: row.address,
        userAgent: row.user_agent,
        decision: row.decision,
        createdAt: isoTime(row.created_at),
        expiresAt: isoTime(row.expires_at),
        polledAt: isoTime(row.polled_at),
      })),
  };
}
