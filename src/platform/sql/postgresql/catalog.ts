import { sql } from 'kysely';
import type { Catalog } from '../database.ts';

export function catalogOf(schema: string): Catalog {
  return {
    hasColumn: async (on, table, column) => {
      const found = sql`select 1 from information_schema.columns
        where table_schema = ${schema} and table_name = ${table} and column_name = ${column}`;
      return (await found.execute(on)).rows.length > 0;
    },
    hasIndex: async (on, table, name) => {
      const found = sql`select 1 from pg_indexes
        where schemaname = ${schema} and tablename = ${table} and indexname = ${name}`;
      return (await found.execute(on)).rows.length > 0;
    },
    findExisting: async (on, names) => {
      const found = sql<{ name: string }>`select relname as name from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = ${schema} and relname in (${sql.join(names)})`;
      return (await found.execute(on)).rows.map(({ name }) => name);
    },
    nameOf: (name) => `${schema}.${name}`,
    createNamespace: async (on) => {
      // Not “if not exists”, which asks for the right to create schemas even where there is nothing to create.
      const found = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(on);
      if (found.rows.length === 0) await sql`create schema ${sql.id(schema)}`.execute(on);
    },
    advice: 'set DATABASE_SCHEMA to the name of another schema',
  };
}
