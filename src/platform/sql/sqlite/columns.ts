import { sql } from 'kysely';
import type { ColumnTypes } from '../columns.ts';

export const sqliteColumns: ColumnTypes = {
  id: sql`blob`,
  hash: sql`blob`,
  time: sql`integer`,
  text: () => sql`text`,
  // BINARY is SQLite's default collation; it is spelled out because identity rests on it.
  key: () => sql`text collate binary`,
  number: sql`integer`,
  sequence: sql`integer`,
  bytes: sql`blob`,
  // Else rows lie in a tree of their own, by a number of SQLite's, to which an index of the key leads
  // (https://www.sqlite.org/withoutrowid.html).
  clusteredByKey: sql`without rowid`,
};
