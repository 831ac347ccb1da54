import { existsSync } from 'node:fs';
import { type Database, type DatabaseOptions, DatabaseStartError } from './database.ts';
import type { LeaseTables } from './leases.ts';
import type { StepTables } from './migrate.ts';
import { openMysql } from './mysql/open.ts';
import { openPostgresql } from './postgresql/open.ts';
import { openSqlite } from './sqlite/open.ts';
import { readDatabaseUrl } from './url.ts';

/** Whether a `DATABASE_URL` names a file that does not exist yet; opening it would create it. */
export function isDatabaseMissing(url: string): boolean {
  const reading = readDatabaseUrl(url);
  return reading.ok && reading.address.engine === 'sqlite' && !existsSync(reading.address.path);
}

/**
 * Opens the database that a `DATABASE_URL` names. A server is not contacted before the first statement.
 * The caller says which tables it has, by default those of this folder; nothing checks that.
 * @throws {DatabaseStartError} with one line, without user and secret, when that cannot be done.
 */
export function openDatabase<Tables = StepTables & LeaseTables>(
  url: string,
  options: DatabaseOptions,
): Database<Tables> {
  const reading = readDatabaseUrl(url);
  if (!reading.ok) throw new DatabaseStartError(`DATABASE_URL: its value ${reading.problem}`);
  const { address } = reading;
  switch (address.engine) {
    case 'sqlite':
      return openSqlite(address.path);
    case 'postgresql':
      return openPostgresql(address, options);
    case 'mysql':
      return openMysql(address, options);
  }
}
