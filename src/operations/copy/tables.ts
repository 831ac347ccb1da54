import { sql } from 'kysely';
import { migrations, tablesNotCopied } from '../../latchkey.ts';
import { migrate, openDatabase } from '../../platform/sql/index.ts';

export type ColumnKind = 'bytes' | 'text' | 'number';

export type Table = {
  readonly name: string;
  /** The column of its primary key. It has bytes, numbers or identifying text, which every engine sorts alike. */
  readonly key: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Why a copy leaves the table out; null for a table that is copied. */
  readonly leftOut: string | null;
};

const LEFT_OUT: Readonly<Record<string, string>> = {
  pending_sign_ins: 'a user who is signing in at this moment begins again',
  repeatable_requests: 'they serve half a minute',
  leases: 'they say which node is at work at this moment',
  migrations: 'the target keeps its own',
  ...tablesNotCopied,
};

/** SQLite's types of columns. It has exactly one for each kind, unlike the other engines. */
const KINDS: Readonly<Record<string, ColumnKind>> = { blob: 'bytes', text: 'text', integer: 'number' };

type Column = { readonly table: string; readonly name: string; readonly type: string; readonly pk: number };

let reading: Promise<readonly Table[]> | undefined;

/**
 * Every table of the schema, each after those that its foreign keys name. They are read from an empty database in memory
 * to which the migrations are applied; the order is that of their creation, because some engines refuse a reference to a
 * table that does not exist.
 */
export function readTables(): Promise<readonly Table[]> {
  reading ??= readMigratedTables();
  return reading;
}

async function readMigratedTables(): Promise<readonly Table[]> {
  const database = openDatabase('sqlite::memory:', {
    connections: 1,
    connectTimeout: 1_000,
    statementTimeout: 1_000,
    // It has no server.
    schema: '',
    tablePrefix: '',
  });
  try {
    await migrate(database, migrations, 0);
    const { rows } = await sql<Column>`
      select m.name as "table", c.name, c.type, c.pk from sqlite_master m, pragma_table_info(m.name) c
      where m.type = 'table' order by m.rowid, c.cid`.execute(database.queries);
    return [...Map.groupBy(rows, ({ table }) => table)].map(([name, columns]) => tableFrom(name, columns));
  } finally {
    await database.close();
  }
}

function tableFrom(name: string, columns: readonly Column[]): Table {
  const [key, ...more] = columns.filter(({ pk }) => pk > 0);
  if (key === undefined || more.length > 0)
    throw new TypeError(`${name} cannot be copied: its primary key is not one column`);
  return {
    name,
    key: key.name,
    columns: Object.fromEntries(columns.map((column) => [column.name, kindOf(column)])),
    leftOut: LEFT_OUT[name] ?? null,
  };
}

function kindOf({ table, name, type }: Column): ColumnKind {
  const kind = KINDS[type.toLowerCase()];
  if (kind === undefined)
    throw new TypeError(`${table}.${name} cannot be copied: its type ${type} is unknown`);
  return kind;
}
