import { backupDatabase } from '../operations/backup/backup.ts';
import { databaseFromEnvironment } from '../settings.ts';
import { type Command, jsonOption } from './command.ts';
import { count } from './progress.ts';

// sysexits.h: what is needed for it is not here.
const EXIT_UNAVAILABLE = 69;

export const backup: Command = {
  name: 'backup',
  summary: 'Back the database up to a file, also while it is in use, and check the file.',
  options: {
    force: { type: 'boolean', explanation: 'Replace the file when it is there already.' },
    json: jsonOption,
  },
  operands: [
    { name: 'FILE', explanation: 'Where to; of a database server only the command of its own tool is told.' },
  ],
  run: async ({ force, json }, [file = '']) => {
    const { databaseUrl } = databaseFromEnvironment(process.env, process.cwd());
    const result = await backupDatabase(databaseUrl, file, force === true);
    if (json === true) console.log(JSON.stringify(result));
    else if (result.made) console.log(`${result.file}: ${count(result.bytes)} bytes, checked`);
    else console.error(result.advice);
    // Nobody may take a command that was only told for a backup.
    if (!result.made) process.exitCode = EXIT_UNAVAILABLE;
  },
};
