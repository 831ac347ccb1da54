import type * as sql from '../../sql/index.ts';
import type { ExpiringTable } from '../../sql/index.ts';

export type RepeatTables = {
  repeatable_requests: {
    /** The HMAC of all that the request brought. */
    request_hash: Uint8Array;
    /** Which of several equal requests does its work. */
    claim: Uint8Array;
    /** Of what only its browser shows. */
    browser_hash: Uint8Array;
    /** What came of it, sealed; null while it is being done. */
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

/** Of all equal requests at once, on all nodes, the database lets one through; the others find its row. */
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
