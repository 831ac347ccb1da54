import type { Database } from '../../auth/schema.ts';
import type { PersonalData } from '../../auth/slots.ts';
import { isoTime } from '../../platform/runtime/index.ts';
import { apiTokenIds } from './api-token.ts';
import { type ApiTokenEntry, apiTokensOf } from './store.ts';

/** A token as it is exported and printed. Times are ISO 8601 in UTC. */
export function tokenAsJson(row: ApiTokenEntry) {
  return {
    id: apiTokenIds.fromBytes(row.id),
    name: row.name,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    createdAt: isoTime(row.created_at),
    expiresAt: isoTime(row.expires_at),
    lastUsedAt: isoTime(row.last_used_at),
  };
}

/** The API tokens of a user, without the tokens. */
export function apiTokenData({ queries }: Database): PersonalData {
  return {
    name: 'apiTokens',
    table: 'api_tokens',
    leftOut: {
      token_hash: 'it is a hash of the token',
      account_id: 'it is the id of the account',
      seal: 'it only shows that the row was written here',
    },
    read: async (accountId) => (await apiTokensOf(queries, accountId)).map(tokenAsJson),
  };
}
