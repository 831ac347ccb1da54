import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { devicesOf } from './store.ts';

/** The browsers of a user that are not asked for a second factor. */
export function rememberedData({ queries }: Database): PersonalData {
  return {
    name: 'rememberedDevices',
    table: 'remembered_devices',
    leftOut: {
      token_hash: 'it is a hash of the token in the cookie',
      id: 'it only distinguishes the rows of the table',
      account_id: 'it is the id of the account',
      seal: 'it only shows that the row was written here',
    },
    read: async (accountId) =>
      (await devicesOf(queries, accountId)).map((row) => ({
        userAgent: row.user_agent,
        createdAt: isoTime(row.created_at),
        expiresAt: isoTime(row.expires_at),
        lastUsedAt: isoTime(row.last_used_at),
      })),
  };
}
