import type { CompiledQuery, Kysely, RawBuilder, Transaction } from 'kysely';
import type { ColumnTypes } from './columns.ts';

export type { Generated } from 'kysely';

/** What a statement runs on: the database, or a transaction on it. `Tables` has the row type of each table. */
export type Queries<Tables> = Kysely<Tables> | Transaction<Tables>;

/** A statement kept ready for the hot path: it gives the first row that it finds, or undefined. */
export type LookUp<Row> = (...parameters: readonly unknown[]) => Row | undefined | Promise<Row | undefined>;

/** What stands at the end of a statement. */
export type Ending = RawBuilder<unknown>;

export type EngineName = 'sqlite' | 'postgresql' | 'mysql';

/**
 * An open database, whatever engine stands behind it. Nothing outside this folder knows the engine. A database with more
 * tables is assignable to one with fewer, so each module names only the tables that it uses.
 */
export type Database<Tables> = {
  readonly engine: EngineName;
  /** Where the data lies, for people; no credentials. */
  readonly location: string;
  readonly queries: Kysely<Tables>;
  /**
   * Runs `work` in one transaction: all of it is kept, or, when it throws, nothing. It is run again when the engine
   * gave it up for the sake of another, so it must do nothing but talk to the database.
   */
  readonly transaction: <Result>(work: (transaction: Queries<Tables>) => Promise<Result>) => Promise<Result>;
  /**
   * The same as `queries` for what may get lost when the power fails, and only then: where each statement waits for the
   * disk, these do not.
   */
  readonly hasty: Kysely<Tables>;
  readonly hastyTransaction: <Result>(
    work: (transaction: Queries<Tables>) => Promise<Result>,
  ) => Promise<Result>;
  /** Whether one transaction at a time changes rows, so that no two wait for each other. */
  readonly hasOneWriter: boolean;
  /**
   * Runs `work` while no other process runs any: for changes to the schema. In one transaction where the engine can
   * undo such changes.
   */
  readonly exclusively: <Result>(work: (queries: Queries<Tables>) => Promise<Result>) => Promise<Result>;
  /** Compiles a look-up once; its parameters are then given in the order of the query's placeholders. */
  readonly lookUp: <Row>(query: CompiledQuery<Row>) => LookUp<Row>;
  /** Whether an error says that a unique index already holds this value. */
  readonly isUniqueViolation: (error: unknown) => boolean;
  /** Whether an error says that a row breaks a rule of its table: it refers to nothing, is there already, is too long. */
  readonly isRowRefusal: (error: unknown) => boolean;
  /** Whether an error says that the engine is busy, full or gone, so that trying again later may work. */
  readonly isUnavailable: (error: unknown) => boolean;
  /** What an error at start means, in words that say what to do; null when it is a defect of ours. */
  readonly explain: (error: unknown) => string | null;
  /** Ends a `select` inside a transaction: nobody else changes these rows before it ends. */
  readonly lockingRows: Ending;
  /** Ends an `insert`: rows whose key is there already are left as they are. */
  readonly unlessThere: (key: string) => Ending;
  readonly columns: ColumnTypes;
  readonly hasColumn: (queries: Queries<Tables>, table: string, column: string) => Promise<boolean>;
  readonly hasIndex: (queries: Queries<Tables>, name: string) => Promise<boolean>;
  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** How many connections a node keeps, and how long it waits, in milliseconds. */
export type PoolLimits = {
  readonly connections: number;
  readonly connectTimeout: number;
  readonly statementTimeout: number;
};

/** Thrown when a database cannot be opened or used at start; its message is one line without credentials. */
export class DatabaseStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseStartError';
  }

  /** The same of a database that another word than the setting names. */
  about(name: string): DatabaseStartError {
    return new DatabaseStartError(this.message.replace(/^DATABASE_URL(?=:)/, name), { cause: this.cause });
  }
}

/** Thrown when no backup can be made; its message is one line. */
export class BackupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupError';
  }
}
