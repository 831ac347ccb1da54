import { createHash, type Hash } from 'node:crypto';
import { batches, type Value } from './rows.ts';
import type { Side } from './side.ts';
import type { Table } from './tables.ts';

/** The content of a table: the number of rows, and the SHA-256 of all of them in the order of their keys, in hex. */
export type Content = { readonly rows: number; readonly sha256: string };

/**
 * Computes the checksum of a table, the same way on every engine.
 * @param onRows called with the number of rows read since the last call
 */
export async function contentOf(side: Side, table: Table, onRows: (rows: number) => void): Promise<Content> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const batch of batches(side, table, null)) {
    for (const row of batch) for (const value of row) add(hash, value);
    rows += batch.length;
    onRows(batch.length);
  }
  return { rows, sha256: hash.digest('hex') };
}

// Type and length precede each value, so that two different rows never have the same bytes.
function add(hash: Hash, value: Value): void {
  if (value === null) {
    hash.update('null;');
  } else if (typeof value === 'number') {
    hash.update(`number ${value};`);
  } else if (typeof value === 'string') {
    hash.update(`text ${Buffer.byteLength(value)};`).update(value);
  } else {
    hash.update(`bytes ${value.length};`).update(value);
  }
}
