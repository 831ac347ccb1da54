import type { DatabaseSync } from 'node:sqlite';
import type { CompiledQuery } from 'kysely';
import type { LookUp } from '../database.ts';

/** Keeps one statement ready on a connection; it gives the first row that it finds. */
export function keptLookUp<Row>(connection: DatabaseSync, query: CompiledQuery<Row>): LookUp<Row> {
  const prepare = () => {
    const statement = connection.prepare(query.sql);
    // Rows come as arrays, because for a row as an object node:sqlite makes the name of every column anew.
    statement.setReturnArrays(true);
    return { statement, names: statement.columns().map(({ name }) => name) };
  };
  // Prepared at its first use: when the system is composed, the tables may not be there yet.
  let kept: ReturnType<typeof prepare> | undefined;
  return (...parameters) => {
    kept ??= prepare();
    const { statement, names } = kept;
    const values: unknown = statement.get(...(parameters as Parameters<typeof statement.get>));
    // The row has the shape that Kysely derived from the schema for this very statement.
    return Array.isArray(values) ? (rowOf(names, values) as Row) : undefined;
  };
}

function rowOf(names: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) row[name] = values[index];
  return row;
}
