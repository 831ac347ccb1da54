import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

/**
 * The number of a `limit`. It is written into the statement, because MySQL accepts no parameter there.
 * @throws {RangeError} when it is no whole number
 */
export function limitTo(rows: number): RawBuilder<number> {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`not a number of rows: ${rows}`);
  return sql.lit(rows);
}

/** The row of a table that a transaction locks, and a number in it. */
export type LockedRow = {
  readonly table: string;
  readonly key: string;
  readonly id: Uint8Array;
  /** A column that no condition compares meanwhile; it keeps its value. */
  readonly number: string;
  /** A column that must be null. */
  readonly isNull?: string;
};

/**
 * Makes other transactions that lock the same row wait until this one ends, or fail and run again; returns whether the row
 * exists. The number changes and changes back, because the nodes of a Galera cluster do not see each other's locks: of two
 * transactions they refuse the later one only if both have changed the row, and an update to the same value is none.
 */
export async function lockRow(
  transaction: QueryExecutorProvider,
  { table, key, id, number, isNull }: LockedRow,
): Promise<boolean> {
  const column = sql.ref(number);
  const condition = isNull === undefined ? sql`` : sql` and ${sql.ref(isNull)} is null`;
  for (const step of [1, -1]) {
    const { numAffectedRows } =
      await sql`update ${sql.table(table)} set ${column} = ${column} + ${sql.lit(step)}
      where ${sql.ref(key)} = ${id}${condition}`.execute(transaction);
    if (numAffectedRows !== 1n) return false;
  }
  return true;
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
