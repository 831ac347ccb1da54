import { sql } from 'kysely';
import type { Catalog } from '../database.ts';

export function catalogOf(prefix: string): Catalog {
  const nameOf = (name: string) => `${prefix}${name}`;
  return {
    hasColumn: async (on, table, column) => {
      const found = sql`select 1 from information_schema.columns
        where table_schema = database() and table_name = ${nameOf(table)} and column_name = ${column}`;
      return (await found.execute(on)).rows.length > 0;
    },
    hasIndex: async (on, table, name) => {
      const found = sql`select 1 from information_schema.statistics
        where table_schema = database() and table_name = ${nameOf(table)} and index_name = ${name}`;
      return (await found.execute(on)).rows.length > 0;
    },
    findExisting: async (on, names) => {
      const found = sql<{ name: string }>`select table_name as name from information_schema.tables
        where table_schema = database() and table_name in (${sql.join(names.map(nameOf))})`;
      return (await found.execute(on)).rows.map(({ name }) => name.slice(prefix.length));
    },
    nameOf,
    createNamespace: async () => {},
    advice: 'set DATABASE_PREFIX to another beginning of their names',
  };
}
