import type { Transaction } from 'kysely';
import type { ColumnTypes } from './columns.ts';
import type { Schema } from './schema.ts';

/** One step of the schema. Steps are applied in the order of their numbers and never change once released. */
export type Migration = {
  readonly number: number;
  readonly name: string;
  readonly up: (transaction: Transaction<Schema>, columns: ColumnTypes) => Promise<void>;
};
