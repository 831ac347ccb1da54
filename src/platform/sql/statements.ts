import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

/**
 * The number of a `limit`. It is written into the statement, because MySQL accepts no parameter there.
 * @throws {RangeError} when it is no whole number
 */
export function limitTo(rows: number): RawBuilder<number> {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`not a number of rows: ${rows}`);
  return sql.lit(rows);
}

/** A table whose rows expire: its primary key, and the column with the time of expiry. */
export type ExpiringTable<Tables> = {
  [Name in keyof Tables & string]: {
    readonly table: Name;
    readonly key: keyof Tables[Name] & string;
    readonly column: keyof Tables[Name] & string;
  };
}[keyof Tables & string];

export type AnyExpiringTable = { readonly table: string; readonly key: string; readonly column: string };

/**
 * Deletes expired rows, the oldest first and at most `max`; returns how many it found.
 * They are selected first, because not every engine deletes with a limit. The condition is repeated, because a row may
 * have got a later expiry in between.
 */
export async function deleteExpired(
  queries: QueryExecutorProvider,
  { table, key, column }: AnyExpiringTable,
  now: number,
  max: number,
): Promise<number> {
  const isExpired = sql`${sql.ref(column)} <= ${now}`;
  const { rows } = await sql<{ readonly key: unknown }>`
    select ${sql.ref(key)} as ${sql.ref('key')} from ${sql.table(table)}
    where ${isExpired} order by ${sql.ref(column)} limit ${limitTo(max)}`.execute(queries);
  if (rows.length === 0) return 0;
  const keys = sql.join(rows.map((row) => row.key));
  await sql`delete from ${sql.table(table)} where ${sql.ref(key)} in (${keys}) and ${isExpired}`.execute(
    queries,
  );
  return rows.length;
}
