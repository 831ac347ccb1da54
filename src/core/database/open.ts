import { type Database, DatabaseStartError } from './database.ts';
import { openSqlite } from './sqlite/open.ts';
import { parseDatabaseUrl } from './url.ts';

/**
 * Opens the database that a `DATABASE_URL` names.
 * @throws {DatabaseStartError} with one line, free of credentials, when that cannot be done.
 */
export function openDatabase(url: string): Database {
  const address = parseDatabaseUrl(url);
  if (address === null)
    throw new DatabaseStartError('DATABASE_URL: does not name a database that can be opened');
  return openSqlite(address.path);
}
