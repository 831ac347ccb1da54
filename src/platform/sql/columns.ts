import type { RawBuilder } from 'kysely';

type ColumnType = RawBuilder<unknown>;

/** How an engine spells the few column types that the schema uses, and what else it says when it makes a table. */
export type ColumnTypes = {
  /** A UUID in 16 bytes. */
  readonly id: ColumnType;
  /** A SHA-256 in 32 bytes. */
  readonly hash: ColumnType;
  /** Milliseconds of UTC. */
  readonly time: ColumnType;
  /** Text for people, at most so many characters. */
  readonly text: (maximumLength: number) => ColumnType;
  /** Text that identifies, in at most so many bytes: equal only when its bytes are, whatever the collation says. */
  readonly key: (maximumBytes: number) => ColumnType;
  readonly number: ColumnType;
  /** A number that only grows, for longer than the other kind of number has room. */
  readonly sequence: ColumnType;
  /** Bytes of any length, such as a sealed mail. */
  readonly bytes: ColumnType;
  /**
   * Ends a table whose rows are found by their primary key: they lie in the tree of that key, so that finding one
   * descends a single tree. Empty where the engine always does so, or cannot.
   */
  readonly clusteredByKey: RawBuilder<unknown>;
};
