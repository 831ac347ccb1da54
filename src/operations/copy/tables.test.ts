import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sql } from 'kysely';
import { DATABASE_OPTIONS, onEveryDatabase } from '../../../tests/kit/databases.ts';
import type { AllTables, Database } from '../../../tests/kit/tables.ts';
import { migrations } from '../../latchkey.ts';
import { type EngineName, migrate, openDatabase } from '../../platform/sql/index.ts';
import { type ColumnKind, readTables } from './tables.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

/** The types of the columns in each engine, and the values that Latchkey reads from them. */
const KINDS: Readonly<Record<string, ColumnKind>> = {
  blob: 'bytes',
  mediumblob: 'bytes',
  bytea: 'bytes',
  uuid: 'bytes',
  binary: 'bytes',
  text: 'text',
  varchar: 'text',
  varbinary: 'text',
  integer: 'number',
  int: 'number',
  int4: 'number',
  int8: 'number',
  bigint: 'number',
};

type Pair = { readonly one: string; readonly other: string };

/** Each table with a column, and its type. */
const COLUMNS: Readonly<Record<EngineName, string>> = {
  sqlite: `select m.name as one, c.name as other, c.type as kind from sqlite_master m, pragma_table_info(m.name) c
    where m.type = 'table'`,
  postgresql: `select table_name as one, column_name as other, udt_name as kind from information_schema.columns
    join information_schema.tables using (table_schema, table_name)
    where table_schema = 'latchkey' and table_type = 'BASE TABLE'`,
  mysql: `select substr(c.table_name, 10) as one, c.column_name as other, c.data_type as kind
    from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = database() and t.table_type = 'BASE TABLE'`,
};

/** Each table with a column of its primary key. */
const KEYS: Readonly<Record<EngineName, string>> = {
  sqlite: `select m.name as one, c.name as other from sqlite_master m, pragma_table_info(m.name) c
    where m.type = 'table' and c.pk > 0`,
  postgresql: `select table_name as one, column_name as other from information_schema.key_column_usage
    join information_schema.table_constraints using (table_schema, table_name, constraint_name)
    where table_schema = 'latchkey' and constraint_type = 'PRIMARY KEY'`,
  mysql: `select substr(table_name, 10) as one, column_name as other from information_schema.key_column_usage
    where table_schema = database() and constraint_name = 'PRIMARY'`,
};

/** Each table with a table that its foreign keys reference. */
const REFERENCES: Readonly<Record<EngineName, string>> = {
  sqlite: `select m.name as one, k."table" as other from sqlite_master m, pragma_foreign_key_list(m.name) k`,
  postgresql: `select own.relname as one, other.relname as other from pg_constraint
    join pg_class own on own.oid = conrelid join pg_class other on other.oid = confrelid
    where contype = 'f' and connamespace = 'latchkey'::regnamespace`,
  mysql: `select substr(table_name, 10) as one, substr(referenced_table_name, 10) as other
    from information_schema.referential_constraints where constraint_schema = database()`,
};

async function pairs<Row = Pair>({ engine, queries }: Database, texts: Readonly<Record<EngineName, string>>) {
  return (await sql<Row>`${sql.raw(texts[engine])}`.execute(queries)).rows;
}

onEveryDatabase('the list of tables', (engine) => {
  it('equals the schema in tables, columns and keys, each table after those that it references', async () => {
    await using empty = await engine.create();
    const database = openDatabase<AllTables>(empty.url, DATABASE_OPTIONS);
    try {
      await migrate(database, migrations, NOW);
      const tables = await readTables();
      const columns = await pairs<Pair & { readonly kind: string }>(database, COLUMNS);
      const found = [...Map.groupBy(columns, ({ one }) => one)].map(([name, own]) => [
        name,
        Object.fromEntries(own.map(({ other, kind }) => [other, KINDS[kind.toLowerCase()]])),
      ]);
      assert.deepEqual(
        Object.fromEntries(tables.map(({ name, columns }) => [name, columns])),
        Object.fromEntries(found),
      );
      assert.deepEqual(
        tables.map(({ name, key }) => ({ one: name, other: key })).sort(byName),
        (await pairs(database, KEYS)).map((pair) => ({ ...pair })).sort(byName),
      );
      const position = (table: string) => tables.findIndex(({ name }) => name === table);
      const references = await pairs(database, REFERENCES);
      assert.ok(references.length > 0);
      for (const { one, other } of references)
        assert.ok(position(other) < position(one), `${one} refers to ${other}`);
    } finally {
      await database.close();
    }
  });
});

function byName(first: Pair, second: Pair): number {
  return first.one < second.one ? -1 : 1;
}
