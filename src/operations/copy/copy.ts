import { recordFinishedCopy } from '../../platform/sql/index.ts';
import { type Content, contentOf } from './checksum.ts';
import { batches, countRows, insertRows, largestKey } from './rows.ts';
import { ask, CopyError, openSide, type Side } from './side.ts';
import { readTables, type Table } from './tables.ts';
import { checkSource, prepareTarget } from './target.ts';

/** How far a copy is; `done` and `total` are rows. */
export type Progress = {
  readonly stage: 'copying' | 'verifying';
  readonly table: string;
  readonly done: number;
  readonly total: number;
};

export type CopiedTable = {
  readonly name: string;
  /** Rows that this run copied; an interrupted one had copied the others. */
  readonly copied: number;
  readonly source: Content;
  readonly target: Content;
};

export type CopyResult = {
  /** Where they lie; no credentials. */
  readonly from: string;
  readonly to: string;
  /** Whether this run went on with an interrupted one. */
  readonly resumed: boolean;
  /** Whether both sides hold the same. Otherwise the target stays marked as unfinished. */
  readonly verified: boolean;
  readonly tables: readonly CopiedTable[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
};

export type CopyOptions = {
  readonly from: string;
  readonly to: string;
  /** Milliseconds of UTC. */
  readonly now: number;
  readonly onProgress?: (progress: Progress) => void;
};

type Sides = { readonly source: Side; readonly target: Side };

/**
 * Copies everything from one database to another of any engine, and reads both again to see that they are the same.
 * Run again after an interruption, it goes on where that one stopped.
 * @throws {CopyError | DatabaseStartError} when that cannot be done, with one line free of credentials
 */
export async function copyDatabase({
  from,
  to,
  now,
  onProgress = () => {},
}: CopyOptions): Promise<CopyResult> {
  const source = openSide('source', from);
  try {
    const target = openSide('target', to);
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
  if (verified) await ask(target, ({ queries }) => recordFinishedCopy(queries));
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

/** Copies what the target lacks; returns how many rows of each table that were. */
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
    // Batches come in the order of the keys, each whole or not at all: so the target's largest key says how far it is.
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

/** Whether both sides hold the same rows of a table. */
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
