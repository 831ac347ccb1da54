import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { errorCode } from '../../platform/sql/index.ts';

/** Thrown if no backup can be made; its message is one line. */
export class BackupError extends Error {
  override name = 'BackupError';
}

export type BackupFile = { readonly file: string; readonly bytes: number };

// All pages in one step, at one moment of the database. In several steps the backup would restart whenever a server
// writes meanwhile, and might never end. In WAL mode a reader blocks no writer.
const ALL_PAGES = 2 ** 31 - 1;
const BUSY_TIMEOUT_MILLISECONDS = 5_000;
/** Files that SQLite stores beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

/**
 * Backs up a database in use to one file that only this user can read. Its name refers either to no new file or to a
 * verified backup.
 * @throws {BackupError} if that fails
 */
export async function backupSqlite(path: string, to: string, overwrite: boolean): Promise<BackupFile> {
  const file = resolve(to);
  if (path === ':memory:') throw new BackupError('a database in memory is out of reach of other processes');
  if (!existsSync(path)) throw new BackupError(`there is no database file ${path}`);
  refuseDatabaseInUse(file, path);
  if (!overwrite) make(file);
  const draft = `${file}.${randomUUID()}.partial`;
  try {
    make(draft);
    await copyPages(path, draft);
    renameSync(draft, file);
    return { file, bytes: statSync(file).size };
  } catch (error) {
    if (!overwrite) rmSync(file, { force: true });
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`cannot back ${path} up to ${file} (${reason})`, { cause: error });
  } finally {
    for (const companion of ['', ...COMPANIONS]) rmSync(`${draft}${companion}`, { force: true });
  }
}

// SQLite would apply the files beside a database to it, even after the database was replaced.
function refuseDatabaseInUse(file: string, path: string): void {
  if (existsSync(file) && realpathSync(file) === realpathSync(path))
    throw new BackupError(`${file} is the database itself; give another name`);
  const companion = COMPANIONS.find((ending) => existsSync(`${file}${ending}`));
  if (companion !== undefined)
    throw new BackupError(`${file}${companion} shows that a database is in use there; give another name`);
}

/** Creates an empty file, and fails if the file exists. */
function make(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    const isThere = errorCode(error) === 'EEXIST';
    const reason = isThere ? 'is there already; --force replaces it' : 'cannot be made';
    throw new BackupError(`${file} ${reason}${isThere ? '' : ` (${errorCode(error)})`}`, { cause: error });
  }
}

async function copyPages(path: string, draft: string): Promise<void> {
  // Not read-only, because such a connection would leave the files that it created beside the database.
  using source = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MILLISECONDS });
  await backup(source, draft, { rate: ALL_PAGES });
  using made = new DatabaseSync(draft);
  // From here on, the database consists of this one file.
  made.exec('PRAGMA journal_mode = DELETE');
  const problems = [...rows(made, 'PRAGMA integrity_check(1)'), ...rows(made, 'PRAGMA foreign_key_check')];
  if (JSON.stringify(problems) !== '[{"integrity_check":"ok"}]')
    throw new BackupError(`the backup of ${path} is damaged (${JSON.stringify(problems[0])})`);
  const schema = rows(made, SCHEMA);
  if (!schema.some(({ name }) => name === 'migrations'))
    throw new BackupError(`${path} holds nothing of Latchkey`);
  if (JSON.stringify(schema) !== JSON.stringify(rows(source, SCHEMA)))
    throw new BackupError(`the schema of ${path} was changed meanwhile; try again`);
}

const SCHEMA = 'SELECT name, sql FROM sqlite_master ORDER BY name';

function rows(connection: DatabaseSync, text: string): readonly Record<string, unknown>[] {
  return connection.prepare(text).all();
}
