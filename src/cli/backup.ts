import { backupDatabase } from '../operations/backup/backup.ts';
import { type Command, CommandError, formatCount } from '../platform/command-line/index.ts';
import { databaseFromEnvironment } from '../read-settings.ts';
import { configuredPool, environment } from './configuration.ts';
import { pathArgument } from './path-argument.ts';

// sysexits.h: EX_UNAVAILABLE
const EXIT_UNAVAILABLE = 69;

export const backup: Command = {
  name: 'backup',
  summary: 'Back the database up to a file, also while it is in use, and check the file.',
  options: {
    force: { type: 'boolean', explanation: 'Replace an existing file.' },
  },
  operands: [
    {
      name: 'FILE',
      explanation:
        'The file to write. For a database server, the command of its own tool is printed instead.',
    },
  ],
  run: async ({ force, json }, [file = '']) => {
    // Its tool needs the address of the server, which only the application knows.
    if (configuredPool() !== undefined)
      throw new CommandError(
        'nothing was made: the database is that of database.pool, and its server is backed up with its own tool, with the address that the pool connects to',
      );
    const { databaseUrl } = databaseFromEnvironment(environment(), process.cwd());
    const result = await backupDatabase(databaseUrl, pathArgument('FILE', file), force === true);
    if (result.made)
      return { json: result, text: `${result.file}: ${formatCount(result.bytes)} bytes, checked` };
    // The advice is a command; a script must not take it for a finished backup.
    process.exitCode = EXIT_UNAVAILABLE;
    if (json !== true) console.error(result.advice);
    return { json: result, text: [] };
  },
};
