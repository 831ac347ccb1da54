import type { Database } from '../../core/database/database.ts';
import { bytesToId } from '../../core/identifiers/uuid.ts';
import { isoTime, type PersonalData } from '../../core/personal-data.ts';
import { identitiesOf } from './store.ts';

/** What is kept of the sites that somebody has connected. */
export function connectionData({ queries }: Database): PersonalData {
  return {
    name: 'connections',
    table: 'external_identities',
    leftOut: { account_id: 'it is the id of the account' },
    read: async (accountId) =>
      (await identitiesOf(queries, accountId)).map((row) => ({
        id: bytesToId(row.id),
        provider: row.provider,
        issuer: row.issuer,
        subject: row.subject,
        handle: row.handle,
        createdAt: isoTime(row.created_at),
        lastUsedAt: isoTime(row.last_used_at),
      })),
  };
}
