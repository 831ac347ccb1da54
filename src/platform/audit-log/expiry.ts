import type { Log } from '../observability/index.ts';
import type { Database } from '../sql/index.ts';
import { BEGINNING, type Seals } from './seals.ts';
import type { AuditTables } from './store.ts';
import { deleteUpTo, linksBehind, moveEnd, newestBefore, readEnd } from './store.ts';

export type ExpiryParts = {
  readonly database: Database<AuditTables>;
  readonly seals: Seals;
  readonly log: Log;
};

/**
 * Deletes records from before a time, from the start of the chain only, and seals where it begins from then on.
 *
 * The newest of them decides, and only if its MAC is valid: a record that was changed to look old deletes nothing. What
 * comes before a valid record of that age is as old, also if its key is no longer known.
 * @returns how many were deleted
 */
export async function deleteExpiredLinks(
  { database, seals, log }: ExpiryParts,
  time: number,
  max: number,
): Promise<number> {
  const { queries } = database;
  const newest = await newestBefore(queries, time, seals.keyIds);
  if (newest === null) return 0;
  if (seals.checkLink(newest) !== 'genuine') {
    log.error({ event: 'audit-record-forged', sequence: newest.sequence });
    return 0;
  }
  const found = await readEnd(queries, 'first');
  const links = await linksBehind(queries, found?.sequence ?? BEGINNING.sequence, max);
  const expired = links.filter(({ sequence }) => sequence <= newest.sequence);
  const last = expired.at(-1);
  if (last === undefined) return 0;
  const isCut = await database.transaction(async (transaction) => {
    if (!(await moveEnd(transaction, 'first', found, seals.end('first', last)))) return false;
    await deleteUpTo(transaction, last.sequence);
    return true;
  });
  return isCut ? expired.length : 0;
}
