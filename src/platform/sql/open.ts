import { existsSync } from 'node:fs';
import type { StepTables } from './applied-steps.ts';
import { type Database, DatabaseStartError, type PoolLimits } from './database.ts';
import type { LeaseTables } from './leases.ts';
import { openMysql } from './mysql/open.ts';
import { openPostgresql } from './postgresql/open.ts';
import { openSqlite } from './sqlite/open.ts';
import { readDatabaseUrl } from './url.ts';

/** Whether a `DATABASE_URL` names a file that is not there yet; opening it would make it. */
export function isUnmade(url: string): boolean {
  const reading = readDatabaseUrl(url);
  return reading.valid && reading.address.engine === 'sqlite' && !existsSync(reading.address.path);
}

/**
 * Opens the database that a `DATABASE_URL` names. A server is first talked to when the first statement runs.
 * The caller says which tables it has, by default those of this folder; nothing checks that.
 * @throws {DatabaseStartError} with one line, free of credentials, when that cannot be done.
 */
export function openDatabase<Tables = StepTables & LeaseTables>(
  url: string,
  limits: PoolLimits,
): Database<Tables> {
  const reading = readDatabaseUrl(url);
  if (!reading.valid) throw new DatabaseStartError(`DATABASE_URL: its value ${reading.problem}`);
  const { address } = reading;
  switch (address.engine) {
    case 'sqlite':
      return openSqlite(address.path);
    case 'postgresql':
      return openPostgresql(address, limits);
    case 'mysql':
      return openMysql(address, limits);
  }
}
