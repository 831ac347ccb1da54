import { sql } from 'kysely';
import type { Catalog } from '../database.ts';

/** A file has one namespace. */
export const CATALOG: Catalog = {
  hasColumn: async (on, table, column) => {
    const found = sql`select 1 from pragma_table_info(${table}) where name = ${column}`;
    return (await found.execute(on)).rows.length > 0;
  },
  hasIndex: async (on, table, name) => {
    const found = sql`select 1 from sqlite_master
      where type = 'index' and tbl_name = ${table} and name = ${name}`;
    return (await found.execute(on)).rows.length > 0;
  },
  findExisting: async (on, names) => {
    const found = sql<{ name: string }>`select lower(name) as name from sqlite_master
      where lower(name) in (${sql.join(names)})`;
    return (await found.execute(on)).rows.map(({ name }) => name);
  },
  nameOf: (name) => name,
  createNamespace: async () => {},
  advice: 'give Latchkey a file of its own in DATABASE_URL',
};
