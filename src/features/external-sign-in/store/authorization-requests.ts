import type { AuthTables } from '../../../auth/schema.ts';
import type * as sql from '../../../platform/sql/index.ts';
import type { ExpiringTable } from '../../../platform/sql/index.ts';

export type AuthorizationRequestTables = {
  external_transactions: {
    /** The hash of the `state` parameter. */
    state_hash: Uint8Array;
    /** The hash of the token in the cookie of the browser. */
    browser_hash: Uint8Array;
    provider: string;
    /** Such as `connect`. */
    intent: string;
    /** The session in which a signed-in user created it, and in which alone it is valid. */
    session_id: Uint8Array | null;
    /** The path to which the user continues. */
    next_path: string | null;
    created_at: number;
    expires_at: number;
    /** The HMAC of the row, without which it is refused. */
    seal: Uint8Array;
  };
};

export const expiringAuthorizationRequests: ExpiringTable<AuthorizationRequestTables> = {
  table: 'external_transactions',
  key: 'state_hash',
  column: 'expires_at',
};

type Queries = sql.Queries<AuthTables & AuthorizationRequestTables>;
export type RequestRow = AuthorizationRequestTables['external_transactions'];

export async function insertRequest(queries: Queries, row: RequestRow): Promise<void> {
  await queries.insertInto('external_transactions').values(row).execute();
}

/** The request with this state to this provider, perhaps an expired one. Rows never change before they are deleted. */
export function findRequest(
  queries: Queries,
  shown: Pick<RequestRow, 'state_hash' | 'provider'>,
): Promise<RequestRow | undefined> {
  return queries
    .selectFrom('external_transactions')
    .selectAll()
    .where('state_hash', '=', shown.state_hash)
    .where('provider', '=', shown.provider)
    .executeTakeFirst();
}

/** Of parallel requests, one gets `true` (A15). */
export async function deleteRequest(queries: Queries, stateHash: Uint8Array): Promise<boolean> {
  const result = await queries
    .deleteFrom('external_transactions')
    .where('state_hash', '=', stateHash)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}
