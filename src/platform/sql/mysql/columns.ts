import { sql } from 'kysely';
import type { ColumnTypes } from '../columns.ts';

export const mysqlColumns: ColumnTypes = {
  id: sql`binary(16)`,
  hash: sql`binary(32)`,
  time: sql`bigint`,
  text: (maximumLength) => sql`varchar(${sql.lit(maximumLength)}) character set utf8mb4`,
  // Bytes, because collations here fold case, width and trailing spaces, and their names differ between MySQL and
  // MariaDB. They are read as text (pool.ts).
  key: (maximumBytes) => sql`varbinary(${sql.lit(maximumBytes)})`,
  number: sql`integer`,
  sequence: sql`bigint`,
  bytes: sql`mediumblob`,
  // InnoDB keeps every table so.
  clusteredByKey: sql``,
};
