import { existsSync } from 'node:fs';
import type { Database } from '../../auth/schema.ts';
import {
  DatabaseStartError,
  errorCode,
  isMemoryDatabase,
  type Naming,
  openDatabase,
  type PoolLimits,
  readDatabaseUrl,
} from '../../platform/sql/index.ts';

/** One of the two databases of a copy, named as in messages. */
export type Side = { readonly name: 'source' | 'target'; readonly database: Database };

/** Thrown if a copy cannot be made or is not equal; its message is one line without credentials. */
export class CopyError extends Error {
  override name = 'CopyError';
}

// One statement at a time on each side. The longest ones count a complete table.
const LIMITS: PoolLimits = { connections: 1, connectTimeout: 10_000, statementTimeout: 600_000 };

/**
 * Opens one side of a copy.
 * @param naming where the tables are on a server
 * @throws {DatabaseStartError | CopyError} if it cannot be opened, or cannot be copied from or to
 */
export function openSide(name: Side['name'], url: string, naming: Naming): Side {
  if (isMemoryDatabase(url)) throw new CopyError(`${name}: a database in memory ends with its process`);
  const reading = readDatabaseUrl(url);
  const path = reading.ok && reading.address.engine === 'sqlite' ? reading.address.path : null;
  // Opening would create the file, and an empty file is no source.
  if (name === 'source' && path !== null && !existsSync(path))
    throw new CopyError(`${name}: there is no database file ${path}`);
  try {
    return { name, database: openDatabase(url, { ...LIMITS, ...naming }) };
  } catch (error) {
    throw error instanceof DatabaseStartError ? error.about(name) : error;
  }
}

/**
 * Runs a query on one side; an error says in one line on which side it occurred, and why.
 * @throws {DatabaseStartError | CopyError} if an operator can fix it; any other error unchanged
 */
export async function query<Result>(
  side: Side,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { name, database } = side;
  try {
    return await work(database);
  } catch (error) {
    if (error instanceof DatabaseStartError) throw error.about(name);
    const reason = database.explain(error);
    if (reason !== null) throw new DatabaseStartError(`${name}: ${reason}`, { cause: error });
    if (!database.isUnavailable(error)) throw error;
    throw new CopyError(
      `${name}: the database is away or busy (${errorCode(error) ?? 'no answer'}); run the same command again, and it goes on`,
      { cause: error },
    );
  }
}
