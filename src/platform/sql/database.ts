import type {
  AliasableExpression,
  CompiledQuery,
  Kysely,
  KyselyPlugin,
  QueryExecutorProvider,
  RawBuilder,
} from 'kysely';

export type { Generated } from 'kysely';

/**
 * What a statement runs on: the database, or a transaction on it. `Tables` has the row type of each table. Only the part
 * of Kysely that stores use, because the compiler compares all of it wherever one set of tables meets another.
 */
export interface Queries<Tables>
  extends Pick<
    Kysely<Tables>,
    | 'selectFrom'
    | 'insertInto'
    | 'updateTable'
    | 'deleteFrom'
    | 'schema'
    | 'dynamic'
    | 'introspection'
    | 'executeQuery'
    | 'getExecutor'
  > {
  withPlugin(plugin: KyselyPlugin): Queries<Tables>;
}

/** A prepared statement for a hot path; it returns the first row that it finds, or undefined. */
export type LookUp<Row> = (...parameters: readonly unknown[]) => Row | undefined | Promise<Row | undefined>;

/** A piece of SQL that each engine spells in its own way. */
export type SqlFragment = RawBuilder<unknown>;

/** A sub-select of one text, or of null. */
export type TextQuery = AliasableExpression<string | null>;

export type EngineName = 'sqlite' | 'postgresql' | 'mysql';

/**
 * An open database of any engine; no code outside this folder depends on the engine. A database with more tables is
 * assignable to one with fewer, so each module names only the tables that it uses.
 */
export type Database<Tables> = {
  readonly engine: EngineName;
  /** What names the database in messages: `DATABASE_URL`, or the option with the pool of an application. */
  readonly setting: string;
  /** Where the data is, for messages; without user and secret. */
  readonly location: string;
  readonly queries: Queries<Tables>;
  /**
   * Runs `work` in one transaction, which is rolled back when it throws. It runs again after a deadlock or serialization
   * failure, so it must have no effect outside the database.
   */
  readonly transaction: <Result>(work: (transaction: Queries<Tables>) => Promise<Result>) => Promise<Result>;
  /**
   * The same with asynchronous commit: where a commit waits for the disk, these do not. A power loss may undo the last
   * ones; a crash of the process does not.
   */
  readonly asyncCommit: {
    readonly queries: Queries<Tables>;
    readonly transaction: <Result>(
      work: (transaction: Queries<Tables>) => Promise<Result>,
    ) => Promise<Result>;
  };
  /** Whether write transactions run one after the other, so that no two wait for each other's rows. */
  readonly hasOneWriter: boolean;
  /**
   * Runs `work` under the lock for schema changes, which one process holds at a time; in one transaction where the engine
   * can roll back such changes.
   */
  readonly withSchemaLock: <Result>(work: (queries: Queries<Tables>) => Promise<Result>) => Promise<Result>;
  /** Prepares a look-up once; its parameters are given in the order of the query's placeholders. */
  readonly lookUp: <Row>(query: CompiledQuery<Row>) => LookUp<Row>;
  /** Whether an error says that a unique index already holds this value. */
  readonly isUniqueViolation: (error: unknown) => boolean;
  /** Whether an error says that a row violates a constraint of its table: foreign key, unique, length. */
  readonly isRowRefusal: (error: unknown) => boolean;
  /** The foreign key that refused a deletion, because its table refers to the row; null for any other error. */
  readonly refusedBy: (error: unknown) => Promise<Reference | null>;
  /** Whether an error says that the engine is busy, full or unreachable, so that a later attempt may succeed. */
  readonly isUnavailable: (error: unknown) => boolean;
  /** What an error at start means and what to do about it; null when it is a defect of this program. */
  readonly explain: (error: unknown) => string | null;
  /** Ends a `select` inside a transaction: no other transaction changes these rows before it ends. */
  readonly forUpdate: SqlFragment;
  /** Ends an `insert`: a row whose key exists is left as it is. */
  readonly onConflictDoNothing: (key: string) => SqlFragment;
  /**
   * Aggregates the texts of a column into one, each followed by a space, so that a text which the engine cuts short is
   * recognised; null without any.
   */
  readonly joinTexts: (column: string) => RawBuilder<string | null>;
  readonly columns: ColumnTypes;
  readonly catalog: Catalog;
  /** The time on the database server, in milliseconds of UTC; null where the engine runs in this process. */
  readonly readClock: () => Promise<number | null>;
  /**
   * Throws when the database does not answer or refuses to write. It asks a server for its state, and writes only if a write
   * has failed before.
   */
  readonly ping: () => Promise<void>;
  /** Settings of the server with which it may lose what it has confirmed, or does without need. */
  readonly findRisks: () => Promise<readonly Risk[]>;
  readonly close: () => Promise<void>;
};

/** A setting of the server, and what an operator can do about it. */
export type Risk = { readonly what: string; readonly fix: string };

/** The foreign key of another table, as far as the engine names it. */
export type Reference = { readonly table: string; readonly constraint: string | null };

/**
 * What exists in the database, and the namespace that keeps the tables apart from those of an application: a schema on
 * PostgreSQL, a prefix on MySQL. Statements name tables without it; the engine adds it.
 */
export type Catalog = {
  readonly hasColumn: (on: QueryExecutorProvider, table: string, column: string) => Promise<boolean>;
  readonly hasIndex: (on: QueryExecutorProvider, table: string, name: string) => Promise<boolean>;
  /** Which of these names are those of existing tables, views or, where they share the names of tables, indexes. */
  readonly findExisting: (on: QueryExecutorProvider, names: readonly string[]) => Promise<readonly string[]>;
  /** The full name of a table, view or index, for messages. */
  readonly nameOf: (name: string) => string;
  /** Creates the namespace if it is missing. */
  readonly createNamespace: (on: QueryExecutorProvider) => Promise<void>;
  /** How to choose another namespace. */
  readonly advice: string;
};

/** How an engine spells the column types and table options that migrations use. */
export type ColumnTypes = {
  /** A UUID in 16 bytes. */
  readonly id: SqlFragment;
  /** A SHA-256 in 32 bytes. */
  readonly hash: SqlFragment;
  /** Milliseconds of UTC. */
  readonly time: SqlFragment;
  /** Text to read, with a limit in characters. */
  readonly text: (maxCharacters: number) => SqlFragment;
  /** Text that identifies, with a limit in bytes: compared byte by byte, whatever the collation. */
  readonly key: (maxBytes: number) => SqlFragment;
  readonly number: SqlFragment;
  /** A number that only grows, beyond the range of `number`. */
  readonly sequence: SqlFragment;
  /** Bytes of any length, such as a sealed mail. */
  readonly bytes: SqlFragment;
  /**
   * Ends a table that is clustered by its primary key, so that a look-up by key descends one tree. Empty where the engine
   * always does so, or cannot.
   */
  readonly clusteredByKey: SqlFragment;
  readonly shown: ShownColumns;
};

/** How an engine shows values in a view, for the application's own SQL. */
export type ShownColumns = {
  /** The name of a view in the tables' namespace; with the product's name where there is no namespace. */
  readonly view: (name: string) => string;
  /** The column `id`: a `uuid`, or its text and, as `id_bytes`, the bytes that an index can find. */
  readonly id: SqlFragment;
  /** A time as the engine's own type, in UTC. */
  readonly time: (column: string) => SqlFragment;
};

/** Where the tables are on a server that an application may share. */
export type Naming = {
  /** The schema on PostgreSQL. */
  readonly schema: string;
  /** What the names of tables begin with on MySQL. */
  readonly tablePrefix: string;
};

export type DatabaseOptions = PoolLimits & Naming;

/** The option with the pool of an application, in messages. */
export const POOL_OPTION = 'database.pool';

/** How many connections a node opens, and how long it waits, in milliseconds. */
export type PoolLimits = {
  readonly connections: number;
  readonly connectTimeout: number;
  readonly statementTimeout: number;
};

/** Thrown when a database cannot be opened or used at start; its message is one line without user and secret. */
export class DatabaseStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseStartError';
  }

  /** The same error for a database that is not named by the setting, such as the target of a copy. */
  about(name: string): DatabaseStartError {
    return new DatabaseStartError(this.message.replace(/^DATABASE_URL(?=:)/, name), { cause: this.cause });
  }
}
