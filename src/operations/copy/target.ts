import { createHash } from 'node:crypto';
import { migrations } from '../../latchkey.ts';
import {
  findUnfinishedCopy,
  type Migration,
  migrate,
  migrationStatus,
  recordUnfinishedCopy,
} from '../../platform/sql/index.ts';
import { countRows } from './rows.ts';
import { CopyError, query, type Side } from './side.ts';
import { readTables } from './tables.ts';

/**
 * Checks that the source has exactly the schema that this version knows.
 * @param known the steps of that schema; tests pass steps of their own
 * @throws {CopyError | DatabaseStartError} if it has none, an older or a newer one, or is an unfinished copy itself
 */
export async function checkSource(source: Side, known: readonly Migration[] = migrations): Promise<void> {
  const steps = await query(source, (database) => migrationStatus(database, known));
  const missing = steps.filter(({ appliedAt }) => appliedAt === null).map(({ number }) => number);
  if (missing.length === steps.length) throw new CopyError('source: this database holds nothing of Latchkey');
  if (missing.length > 0)
    throw new CopyError(
      `source: the database lacks schema step ${missing.join(', ')}; bring it up to date with latchkey migrate first`,
    );
  if ((await query(source, ({ queries }) => findUnfinishedCopy(queries))) !== null)
    throw new CopyError('source: a copy into this database was not finished');
}

/**
 * Prepares the target: empty, with the current schema, and unfinished as the copy of this source. A target with this copyName
 * is continued; any other target with a row is refused unchanged.
 * @param now milliseconds of UTC
 * @returns whether an interrupted copy is continued
 * @throws {CopyError | DatabaseStartError} if the target cannot be used
 */
export async function prepareTarget(target: Side, source: Side, now: number): Promise<boolean> {
  const copyName = `copy of ${createHash('sha256').update(source.database.location).digest('hex')}`;
  const steps = await query(target, (database) => migrationStatus(database, migrations));
  const hasSteps = steps.some(({ appliedAt }) => appliedAt !== null);
  const unfinished = hasSteps ? await query(target, ({ queries }) => findUnfinishedCopy(queries)) : null;
  if (unfinished !== null && unfinished !== copyName)
    throw new CopyError(
      'target: holds the unfinished copy of another source; go on with that one, or empty it',
    );
  if (unfinished === null) await refuseRows(target);
  await query(target, (database) => migrate(database, migrations, now));
  if (unfinished === null) await query(target, ({ queries }) => recordUnfinishedCopy(queries, copyName, now));
  return unfinished !== null;
}

async function refuseRows(target: Side): Promise<void> {
  const tables = (await readTables()).filter(({ leftOut }) => leftOut === null);
  const names = tables.map(({ name }) => name);
  const existing = await query(target, ({ catalog, queries }) => catalog.findExisting(queries, names));
  for (const table of tables.filter(({ name }) => existing.includes(name))) {
    const rows = await countRows(target, table);
    if (rows > 0)
      throw new CopyError(`target: is not empty (${table.name}: ${rows} rows); give an empty database`);
  }
}
