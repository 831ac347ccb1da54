import { sql } from 'kysely';
import type { Ending } from './database.ts';

/** Ends an `insert` as SQLite and PostgreSQL have it: of rows whose key is there already, these columns are replaced. */
export function replacingOnConflict(key: string, columns: readonly string[]): Ending {
  const changes = columns.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`);
  return sql`on conflict (${sql.ref(key)}) do update set ${sql.join(changes)}`;
}
