// What Latchkey uses of the pools of drivers. An application gives its own, of any version of the driver, so these types
// depend on none.

/** A pool of `pg`. */
export type PostgresqlPool = { connect(): Promise<PostgresqlClient> };

export type PostgresqlClient = {
  query(statement: PostgresqlStatement): Promise<PostgresqlResult>;
  release(destroy?: boolean): void;
  on(event: 'error', listener: () => void): unknown;
};

export type PostgresqlStatement = {
  readonly text: string;
  readonly name?: string | undefined;
  values?: unknown[] | undefined;
  readonly types?: unknown;
  readonly query_timeout?: number | undefined;
};

type PostgresqlResult = {
  readonly rows: unknown[];
  readonly rowCount: number | null;
  readonly command: string;
};

/** A pool of `mysql2/promise`. */
export type MysqlPool = { getConnection(): Promise<MysqlConnection> };

export type MysqlConnection = {
  query(statement: MysqlStatement): Promise<readonly [unknown, unknown]>;
  execute(statement: MysqlStatement): Promise<readonly [unknown, unknown]>;
  release(): void;
  destroy(): void;
  /** The connection itself; each use has another wrapper. */
  readonly connection: object;
};

export type MysqlTypeCast = (
  field: { readonly type: string; string(encoding?: BufferEncoding): string | null },
  next: () => unknown,
) => unknown;

export type MysqlStatement = {
  readonly sql: string;
  values?: unknown[];
  readonly typeCast?: MysqlTypeCast;
  readonly decimalNumbers?: boolean;
  readonly rowsAsArray?: boolean;
  readonly nestTables?: boolean;
};

/** A pool of an application: `Pool` of `pg`, or `createPool()` of `mysql2` or `mysql2/promise`. */
export type ApplicationPool = PostgresqlPool | MysqlPool | { promise(): MysqlPool };
