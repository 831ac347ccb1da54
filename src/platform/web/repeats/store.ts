import type * as sql from '../../sql/index.ts';
import type { ExpiringTable } from '../../sql/index.ts';

export type RepeatTables = {
  repeatable_requests: {
    /** The HMAC of the request. */
    request_hash: Uint8Array;
    /** Names the one of several equal requests that does the work. */
    claim: Uint8Array;
    /** The hash of what only its browser sends. */
    browser_hash: Uint8Array;
    /** The outcome, sealed; null while the work is in progress. */
    outcome: Uint8Array | null;
    expires_at: number;
  };
};

export const expiringRequests: ExpiringTable<RepeatTables> = {
  table: 'repeatable_requests',
  key: 'request_hash',
  column: 'expires_at',
};

type Database = sql.Database<RepeatTables>;

export type RepeatRow = RepeatTables['repeatable_requests'];

/** The database accepts one of all equal requests on all nodes; the others find its row. */
export async function insertRequest(
  { asyncCommit, isUniqueViolation }: Database,
  row: RepeatRow,
): Promise<boolean> {
  try {
    await asyncCommit.queries.insertInto('repeatable_requests').values(row).execute();
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

export function findRequest({ queries }: Database, requestHash: Uint8Array): Promise<RepeatRow | undefined> {
  return queries
    .selectFrom('repeatable_requests')
    .selectAll()
    .where('request_hash', '=', requestHash)
    .executeTakeFirst();
}

export async function keepOutcome(
  { asyncCommit }: Database,
  { request_hash, claim, outcome, expires_at }: RepeatRow,
): Promise<void> {
  await asyncCommit.queries
    .updateTable('repeatable_requests')
    .set({ outcome, expires_at })
    .where('request_hash', '=', request_hash)
    .where('claim', '=', claim)
    .execute();
}

/** Deletes the row of a request as long as it is of that claim. */
export async function deleteRequest(
  { asyncCommit }: Database,
  { request_hash, claim }: Pick<RepeatRow, 'request_hash' | 'claim'>,
): Promise<void> {
  await asyncCommit.queries
    .deleteFrom('repeatable_requests')
    .where('request_hash', '=', request_hash)
    .where('claim', '=', claim)
    .execute();
}
