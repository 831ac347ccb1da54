import { type QueryExecutorProvider, sql } from 'kysely';
import type { Catalog, Reference } from '../database.ts';

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

/** The error names no foreign key, so every one that may have refused a deletion is named. */
export async function findReference(on: QueryExecutorProvider): Promise<Reference> {
  const { rows } = await sql<{
    name: string;
  }>`select distinct m.name from sqlite_master m, pragma_foreign_key_list(m.name) k
    where m.type = 'table' and k.on_delete in ('NO ACTION', 'RESTRICT') order by m.name`.execute(on);
  return { table: rows.map(({ name }) => name).join(' or '), constraint: null };
}
