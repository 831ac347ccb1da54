import { statSync } from 'node:fs';
import { DEVELOPMENT_SECRET_FILE } from '../../../platform/settings/secret-key.ts';
import type { SettingFile } from '../../../platform/settings/sources.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning, fault } = findingsOf('secret files');

const READABLE_BY_OTHERS = 0o004;
const WRITABLE_BY_OTHERS = 0o022;

// Docker and Kubernetes hand secrets over readable by everybody in the container, which is the server alone.
const OF_CONTAINERS = /^\/(?:var\/)?run\/secrets\//;

/** Whether others can read or change the files that hold secrets. */
export const secretFiles: Check<GivenValues> = {
  name: 'secret files',
  run: ({ files, secretKeys }) => {
    const kept =
      secretKeys === null ? [{ name: 'SECRET_KEY', path: DEVELOPMENT_SECRET_FILE, holdsValue: true }] : [];
    return [...files, ...kept].flatMap(judge);
  },
};

function judge({ name, path, holdsValue }: SettingFile): readonly Finding[] {
  const mode = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return [];
  if ((mode & WRITABLE_BY_OTHERS) !== 0)
    return [fault(`${name}: others can change ${path}`, `chmod 600 ${path}`)];
  if (!holdsValue) return [ok(`${name}: ${path} holds no secret, and nobody else can change it`)];
  if ((mode & READABLE_BY_OTHERS) !== 0 && !OF_CONTAINERS.test(path))
    return [fault(`${name}: everybody on this machine can read ${path}`, `chmod 600 ${path}`)];
  if ((mode & 0o040) !== 0 && !OF_CONTAINERS.test(path))
    return [
      warning(
        `${name}: its group can read ${path}`,
        `chmod 600 ${path}, unless the server reads it as that group`,
      ),
    ];
  return [ok(`${name}: ${path} is private`)];
}
