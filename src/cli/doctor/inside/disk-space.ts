import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning, fault } = findingsOf('database files');

const MEBIBYTE = 1024 * 1024;
const LITTLE = 1024 * MEBIBYTE;
const TOO_LITTLE = 100 * MEBIBYTE;

/**
 * Whether a database has room to grow.
 * @param bytes what is left for this user on its disk
 */
export function judgeSpace(bytes: number): Finding {
  const what = `${Math.floor(bytes / MEBIBYTE)} MiB are left on its disk`;
  const fix = 'make room, or move the database; without room nobody can sign in';
  if (bytes < TOO_LITTLE) return fault(what, fix);
  return bytes < LITTLE ? warning(what, fix) : ok(what);
}
