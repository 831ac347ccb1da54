import { statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { databaseFile } from '../../../platform/sql/url.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { judgeSpace } from './disk-space.ts';

const { ok, warning, fault } = findingsOf('database files');

const BY_OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

/** Where the database is a file: whether others can get at it, and whether there is room for it to grow. */
export const databaseFiles: Check<GivenValues> = {
  name: 'database files',
  run: ({ databaseUrl }) => {
    const file = databaseFile(databaseUrl);
    if (file === null) return [];
    const folder = dirname(resolve(file));
    // What is not there yet is made private by the first start.
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    const { bavail, bsize } = statfsSync(folder);
    return [
      ...[file, `${file}-wal`, `${file}-shm`].flatMap(ofFile),
      ofFolder(folder),
      judgeSpace(bavail * bsize),
    ];
  },
};

function modeOf(path: string): number | undefined {
  return process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })?.mode;
}

function ofFile(path: string): readonly Finding[] {
  const mode = modeOf(path);
  if (mode === undefined) return [];
  if ((mode & BY_OTHERS) === 0) return [ok(`${path} is private`)];
  return [fault(`others can get at ${path}, which holds names, addresses and hashes`, `chmod 600 ${path}`)];
}

// Who may write to the folder can put another database in the place of this one.
function ofFolder(folder: string): Finding {
  const mode = modeOf(folder) ?? 0;
  if ((mode & WRITABLE_BY_OTHERS) !== 0)
    return fault(`others can write to the folder ${folder}`, `chmod 700 ${folder}`);
  if ((mode & BY_OTHERS) !== 0)
    return warning(`others can look into the folder ${folder}`, `chmod 700 ${folder}`);
  return ok(`the folder ${folder} is private`);
}
