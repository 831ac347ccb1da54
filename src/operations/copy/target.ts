import { createHash } from 'node:crypto';
import type { Database } from '../../auth/schema.ts';
import {
  findUnfinishedCopy,
  type Migration,
  migrate,
  migrationStatus,
  recordUnfinishedCopy,
} from '../../platform/sql/index.ts';
import { migrations } from '../migrations/all.ts';
import { countRows } from './rows.ts';
import { ask, CopyError, type Side } from './side.ts';
import { readTables } from './tables.ts';

/**
 * Checks that the source has exactly the schema that this program knows.
 * @param known the steps of that schema; tests bring steps of their own
 * @throws {CopyError | DatabaseStartError} when it has none, an older or a newer one, or is half a copy itself
 */
export async function checkSource(source: Side, known: readonly Migration[] = migrations): Promise<void> {
  const steps = await ask(source, (database) => migrationStatus(database, known));
  const missing = steps.filter(({ appliedAt }) => appliedAt === null).map(({ number }) => number);
  if (missing.length === steps.length) throw new CopyError('source: this database holds nothing of Latchkey');
  if (missing.length > 0)
    throw new CopyError(
      `source: the database lacks schema step ${missing.join(', ')}; bring it up to date with latchkey migrate first`,
    );
  if ((await ask(source, ({ queries }) => findUnfinishedCopy(queries))) !== null)
    throw new CopyError('source: a copy into this database was not finished');
}

/**
 * Makes the target ready: empty, with the schema up to date, and marked as the copy of this source. A target that is
 * so marked already is taken as it is; any other that holds a row is refused before anything in it is changed.
 * @param now milliseconds of UTC
 * @returns whether an interrupted copy goes on
 * @throws {CopyError | DatabaseStartError} when the target cannot be taken
 */
export async function prepareTarget(target: Side, source: Side, now: number): Promise<boolean> {
  const mark = `copy of ${createHash('sha256').update(source.database.location).digest('hex')}`;
  const steps = await ask(target, (database) => migrationStatus(database, migrations));
  const hasSteps = steps.some(({ appliedAt }) => appliedAt !== null);
  const marked = hasSteps ? await ask(target, ({ queries }) => findUnfinishedCopy(queries)) : null;
  if (marked !== null && marked !== mark)
    throw new CopyError(
      'target: holds the unfinished copy of another source; go on with that one, or empty it',
    );
  if (marked === null) await refuseRows(target);
  await ask(target, (database) => migrate(database, migrations, now));
  if (marked === null) await ask(target, ({ queries }) => recordUnfinishedCopy(queries, mark, now));
  return marked !== null;
}

async function refuseRows(target: Side): Promise<void> {
  const there = await ask(target, tableNames);
  const tables = await readTables();
  for (const table of tables.filter(({ name, leftOut }) => leftOut === null && there.has(name))) {
    const rows = await countRows(target, table);
    if (rows > 0)
      throw new CopyError(`target: is not empty (${table.name}: ${rows} rows); give an empty database`);
  }
}

async function tableNames({ queries }: Database): Promise<ReadonlySet<string>> {
  return new Set((await queries.introspection.getTables()).map(({ name }) => name));
}
