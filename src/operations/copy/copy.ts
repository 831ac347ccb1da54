import { type Naming, recordFinishedCopy } from '../../platform/sql/index.ts';
import { type Content, contentOf } from './checksum.ts';
import { batches, countRows, insertRows, largestKey } from './rows.ts';
import { CopyError, openSide, query, type Side } from './side.ts';
import { readTables, type Table } from './tables.ts';
import { checkSource, prepareTarget } from './target.ts';

/** The progress of a copy; `done` and `total` are rows. */
export type Progress = {
  readonly stage: 'copying' | 'verifying';
  readonly table: string;
  readonly done: number;
  readonly total: number;
};

export type CopiedTable = {
  readonly name: string;
  /** Rows that this run copied; an interrupted run copied the others. */
  readonly copied: number;
  readonly source: Content;
  readonly target: Content;
};

export type CopyResult = {
  /** The locations of both databases, without credentials. */
  readonly from: string;
  readonly to: string;
  /** Whether this run continued an interrupted one. */
  readonly resumed: boolean;
  /** Whether both sides are equal. Otherwise the target stays marked as unfinished. */
  readonly verified: boolean;
  readonly tables: readonly CopiedTable[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
};

export type CopyOptions = {
  readonly from: string;
  readonly to: string;
  /** Where the tables are on a server; on both, if both are servers. */
  readonly naming: Naming;
  /** Milliseconds of UTC. */
  readonly now: number;
  readonly onProgress?: (progress: Progress) => void;
};

type Sides = { readonly source: Side; readonly target: Side };

/**
 * Copies everything from one database to another of any engine, and reads both again to verify that they are equal.
 * After an interruption, a new run continues where the previous one stopped.
 * @throws {CopyError | DatabaseStartError} if that fails, with one line without credentials
 */
export async function copyDatabase({
  from,
  to,
  naming,
  now,
  onProgress = () => {},
}: CopyOptions): Promise<CopyResult> {
  const source = openSide('source', from, naming);
  try {
    const target = openSide('target', to, naming);
    try {
      return await copySides({ source, target }, now, onProgress);
    } finally {
      await target.database.close();
    }
  } finally {
    await source.database.close();
  }
}

async function copySides(
  { source, target }: Sides,
  now: number,
  onProgress: (progress: Progress) => void,
): Promise<CopyResult> {
  if (source.database.location === target.database.location)
    throw new CopyError('source and target are the same database');
  await checkSource(source);
  const resumed = await prepareTarget(target, source, now);
  const tables = await readTables();
  const copiedTables = tables.filter(({ leftOut }) => leftOut === null);
  const copied = await copyRows({ source, target }, copiedTables, onProgress);
  const results = await compare({ source, target }, copied, onProgress);
  const verified = results.every(isSame);
  if (verified) await query(target, ({ queries }) => recordFinishedCopy(queries));
  return {
    from: source.database.location,
    to: target.database.location,
    resumed,
    verified,
    tables: results,
    leftOut: tables.flatMap(({ name, leftOut }) => (leftOut === null ? [] : [{ name, reason: leftOut }])),
  };
}

type Counts = ReadonlyMap<Table, number>;

/** Copies the rows that the target lacks; returns the number of copied rows for each table. */
async function copyRows(
  { source, target }: Sides,
  tables: readonly Table[],
  onProgress: (progress: Progress) => void,
): Promise<Counts> {
  const total = sum((await countAll(source, tables)).values());
  let done = sum((await countAll(target, tables)).values());
  const copied = new Map<Table, number>();
  for (const table of tables) {
    copied.set(table, 0);
    // Batches are copied in the order of the keys and committed as a whole, so the largest key of the target is the
    // progress.
    for await (const batch of batches(source, table, await largestKey(target, table))) {
      await insertRows(target, table, batch);
      done += batch.length;
      copied.set(table, (copied.get(table) ?? 0) + batch.length);
      onProgress({ stage: 'copying', table: table.name, done, total });
    }
  }
  return copied;
}

async function compare(
  { source, target }: Sides,
  copied: Counts,
  onProgress: (progress: Progress) => void,
): Promise<readonly CopiedTable[]> {
  const tables = [...copied.keys()];
  const counts = [await countAll(source, tables), await countAll(target, tables)];
  const total = sum(counts.flatMap((of) => [...of.values()]));
  let done = 0;
  const results: CopiedTable[] = [];
  for (const [table, rows] of copied) {
    const onRows = (read: number) => {
      done += read;
      onProgress({ stage: 'verifying', table: table.name, done, total });
    };
    const [there, here] = await Promise.all([
      contentOf(source, table, onRows),
      contentOf(target, table, onRows),
    ]);
    results.push({ name: table.name, copied: rows, source: there, target: here });
  }
  return results;
}

/** Whether both sides have the same rows in a table. */
export function isSame({ source, target }: CopiedTable): boolean {
  return source.rows === target.rows && source.sha256 === target.sha256;
}

async function countAll(side: Side, tables: readonly Table[]): Promise<Counts> {
  const counts = new Map<Table, number>();
  for (const table of tables) counts.set(table, await countRows(side, table));
  return counts;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
