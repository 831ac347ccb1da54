import { type RawBuilder, sql } from 'kysely';

/**
 * The number of a `limit`. It is written into the statement, where MySQL takes no value that is given apart.
 * @throws {RangeError} when it is no whole number
 */
export function atMost(rows: number): RawBuilder<number> {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`not a number of rows: ${rows}`);
  return sql.lit(rows);
}
