import { type Database, DatabaseStartError, type PoolLimits } from './database.ts';
import { openMysql } from './mysql/open.ts';
import { openPostgresql } from './postgresql/open.ts';
import { openSqlite } from './sqlite/open.ts';
import { readDatabaseUrl } from './url.ts';

/**
 * Opens the database that a `DATABASE_URL` names. A server is first talked to when the first statement runs.
 * @throws {DatabaseStartError} with one line, free of credentials, when that cannot be done.
 */
export function openDatabase(url: string, limits: PoolLimits): Database {
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
