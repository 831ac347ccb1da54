import { sql } from 'kysely';
import type { ColumnTypes } from '../columns.ts';

export const postgresqlColumns: ColumnTypes = {
  id: sql`bytea`,
  hash: sql`bytea`,
  time: sql`bigint`,
  text: (maximumLength) => sql`varchar(${sql.lit(maximumLength)})`,
  // The collation C compares bytes, and so one index serves every locale and outlives the system's next one.
  key: (maximumBytes) => sql`varchar(${sql.lit(maximumBytes)}) collate "C"`,
  number: sql`integer`,
  sequence: sql`bigint`,
  bytes: sql`bytea`,
  // PostgreSQL keeps rows in a heap.
  clusteredByKey: sql``,
};
