import type { CompiledQuery, Kysely, Transaction } from 'kysely';
import type { ColumnTypes } from './columns.ts';
import type { Schema } from './schema.ts';

/** A statement kept ready for the hot path: it gives the first row that it finds, or undefined. */
export type LookUp<Row> = (...parameters: readonly unknown[]) => Row | undefined | Promise<Row | undefined>;

/** An open database, whatever engine stands behind it. Nothing outside this folder knows the engine. */
export type Database = {
  readonly engine: 'sqlite';
  /** Where the data lies, for people; no credentials. */
  readonly location: string;
  readonly queries: Kysely<Schema>;
  /** Runs `work` in one transaction: all of it is kept, or, when it throws, nothing. */
  readonly transaction: <Result>(
    work: (transaction: Transaction<Schema>) => Promise<Result>,
  ) => Promise<Result>;
  /** Compiles a look-up once; its parameters are then given in the order of the query's placeholders. */
  readonly lookUp: <Row>(query: CompiledQuery<Row>) => LookUp<Row>;
  /** Whether an error says that a unique index already holds this value. */
  readonly isUniqueViolation: (error: unknown) => boolean;
  /** Whether an error says that the engine is busy, full or gone, so that trying again later may work. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly columns: ColumnTypes;
  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Thrown when a database cannot be opened or used at start; its message is one line without credentials. */
export class DatabaseStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseStartError';
  }
}
