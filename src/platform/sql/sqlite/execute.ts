import type { SqliteDatabase } from 'kysely';

/** One statement, with the values apart from its text. */
export type Statement = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** What has to be run before it and gives nothing, such as the beginning of its transaction. */
  readonly lead?: readonly string[];
};

/** What it gave: its rows, or how many it changed. */
export type Outcome = { readonly rows: unknown[]; readonly changes?: number | bigint };

/** Marks the error of what leads a statement: then the transaction that it was to be in has not begun. */
export const NOT_BEGUN = 'hasNotBegun';

/** Runs a statement, here and now. */
export function execute(statements: SqliteDatabase, { text, values, lead = [] }: Statement): Outcome {
  for (const before of lead) runBefore(statements, before);
  const statement = statements.prepare(text);
  if (statement.reader) return { rows: statement.all(values) };
  return { rows: [], changes: statement.run(values).changes };
}

function runBefore(statements: SqliteDatabase, text: string): void {
  try {
    statements.prepare(text).run([]);
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { [NOT_BEGUN]: true }) : error;
  }
}
