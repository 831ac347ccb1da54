import { defineId, type Id } from '../../platform/text/index.ts';
import type { ApiTokenEntry } from './store.ts';

export type ApiTokenId = Id<'api-token'>;
export const apiTokenIds = defineId<'api-token'>();

/** An API token without its secret. All times are milliseconds of UTC. */
export type ApiToken = {
  readonly id: ApiTokenId;
  readonly name: string;
  /** Those that the application defines. */
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Within some minutes; null until it is used. */
  readonly lastUsedAt: number | null;
};

/** A token as its row says, with those of its scopes that are still defined. */
export function apiTokenFrom(row: ApiTokenEntry, defined: readonly string[]): ApiToken {
  const given = new Set(row.scopes.split(' '));
  return {
    id: apiTokenIds.fromBytes(row.id),
    name: row.name,
    scopes: defined.filter((scope) => given.has(scope)),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
