import type { StepTables } from './applied-steps.ts';
import type { ColumnTypes } from './columns.ts';
import type { Queries } from './database.ts';

export type Index = {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  /** A second one, by which the rows that share the first are in order. */
  readonly orderedBy?: string;
};

/** Whether a table has a column already; an interrupted step may have left it, and not every engine can ask in passing. */
export type HasColumn = (table: string, column: string) => Promise<boolean>;

/**
 * One step of the schema. Steps are applied in the order of their numbers and never change once released. A step
 * can be applied again over what an interrupted one left: its tables are made `ifNotExists`, its columns and indexes
 * where missing.
 */
export type Migration = {
  readonly number: number;
  readonly name: string;
  /** Whether nodes that do not know this step yet may go on serving while it is applied and after it. */
  readonly oldNodes: 'may go on' | 'must be stopped first';
  readonly up: (queries: Queries<StepTables>, columns: ColumnTypes, hasColumn: HasColumn) => Promise<void>;
  /** Made after `up`. */
  readonly indexes: readonly Index[];
};
