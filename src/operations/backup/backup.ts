import { DatabaseStartError, readDatabaseUrl } from '../../platform/sql/index.ts';
import { mariadbDumpCommand, pgDumpCommand } from './dump-commands.ts';
import { BackupError, type BackupFile, backupSqlite } from './sqlite-backup.ts';

export { BackupError };

export type BackupResult =
  | ({ readonly made: true } & BackupFile)
  /** The engine has a backup tool of its own; the advice contains its command without credentials. */
  | { readonly made: false; readonly advice: string };

const NOTHING_MADE =
  'Nothing was made: a server is backed up with its own tool, by a user who may read all of it.';

/**
 * Backs up the database that a `DATABASE_URL` names, also while servers use it.
 * @param overwrite whether an existing file may be replaced
 * @throws {BackupError | DatabaseStartError} with one line, if that fails
 */
export async function backupDatabase(url: string, file: string, overwrite: boolean): Promise<BackupResult> {
  const reading = readDatabaseUrl(url);
  if (!reading.ok) throw new DatabaseStartError(`DATABASE_URL: its value ${reading.problem}`);
  const { address } = reading;
  switch (address.engine) {
    case 'sqlite':
      return { made: true, ...(await backupSqlite(address.path, file, overwrite)) };
    case 'postgresql':
      return { made: false, advice: `${NOTHING_MADE} Run:\n  umask 077; ${pgDumpCommand(address, file)}` };
    case 'mysql':
      return {
        made: false,
        advice: `${NOTHING_MADE} Run (on MySQL the tool is called mysqldump):\n  umask 077; ${mariadbDumpCommand(address, file)}`,
      };
  }
}
