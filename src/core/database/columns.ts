import { type RawBuilder, sql } from 'kysely';

type ColumnType = RawBuilder<unknown>;

/** How an engine spells the few column types that the schema uses. */
export type ColumnTypes = {
  /** A UUID in 16 bytes. */
  readonly id: ColumnType;
  /** A SHA-256 in 32 bytes. */
  readonly hash: ColumnType;
  /** Milliseconds of UTC. */
  readonly time: ColumnType;
  /** Text for people, at most so many characters. */
  readonly text: (maximumLength: number) => ColumnType;
  /** Text that identifies: equal only when its bytes are, whatever the engine's collation would say. */
  readonly key: (maximumLength: number) => ColumnType;
  readonly number: ColumnType;
};

export const sqliteColumns: ColumnTypes = {
  id: sql`blob`,
  hash: sql`blob`,
  time: sql`integer`,
  text: () => sql`text`,
  // BINARY is SQLite's default collation; it is spelled out because identity rests on it.
  key: () => sql`text collate binary`,
  number: sql`integer`,
};
