import { sql } from 'kysely';
import { type EngineName, openDatabase } from '../../src/platform/sql/index.ts';
import { DATABASE_OPTIONS } from './databases.ts';
import type { AllTables, Database } from './tables.ts';

/** What an application writes (docs/your-database.md). */
export const WORDS: Readonly<Record<EngineName, { id: string; users: string; accounts: string }>> = {
  sqlite: { id: 'blob', users: 'latchkey_users', accounts: 'accounts' },
  postgresql: { id: 'uuid', users: 'latchkey.users', accounts: 'latchkey.accounts' },
  mysql: { id: 'binary(16)', users: 'latchkey_users', accounts: 'latchkey_accounts' },
};

/** The application's own connection: its statements are executed as they are written. */
export function asApplication(url: string): AsyncDisposable & {
  readonly database: Database;
  readonly run: (...statements: readonly string[]) => Promise<void>;
  readonly rows: (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
} {
  const database = openDatabase<AllTables>(url, DATABASE_OPTIONS);
  const execute = (text: string) =>
    sql<Readonly<Record<string, unknown>>>`${sql.raw(text)}`.execute(database.queries);
  return {
    database,
    run: async (...statements) => {
      for (const statement of statements) await execute(statement);
    },
    rows: async (query) => (await execute(query)).rows.map((row) => ({ ...row })),
    [Symbol.asyncDispose]: database.close,
  };
}
