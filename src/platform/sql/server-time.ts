import { sql } from 'kysely';
import type { Database, EngineName } from './database.ts';

// Milliseconds of UTC at this very moment, not at the beginning of a transaction.
const NOW: Readonly<Record<EngineName, string | null>> = {
  // The engine is in this process.
  sqlite: null,
  postgresql: 'select extract(epoch from clock_timestamp()) * 1000 as now',
  mysql: 'select unix_timestamp(sysdate(3)) * 1000 as now',
};

/** The time on the database's own clock, in milliseconds of UTC; null where it has none but this machine's. */
export async function serverTime<Tables>({ engine, queries }: Database<Tables>): Promise<number | null> {
  const statement = NOW[engine];
  if (statement === null) return null;
  const { rows } = await sql.raw<{ now: number | string }>(statement).execute(queries);
  return Number(rows[0]?.now);
}
