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

/** Runs a statement, here and now. */
export function execute(statements: SqliteDatabase, { text, values, lead = [] }: Statement): Outcome {
  for (const before of lead) statements.prepare(before).run([]);
  const statement = statements.prepare(text);
  if (statement.reader) return { rows: statement.all(values) };
  return { rows: [], changes: statement.run(values).changes };
}
