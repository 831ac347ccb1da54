import { readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  createMeasure,
  describeShortage,
  formatParameters,
  isWeaker,
  MEMORY_ADVICE,
  passwordSettings,
  planHashing,
  shortMinimum,
} from '../../features/passwords/index.ts';
import { type Resources, readResources, resultOrNull, SECOND } from '../../platform/runtime/index.ts';
import {
  DEVELOPMENT_SECRET_FILE,
  SECRET_ADVICE,
  type SettingFile,
  settingsReader,
  splitSecrets,
  weakness,
} from '../../platform/settings/index.ts';
import { databaseFile } from '../../platform/sql/index.ts';
import type { GivenValues } from '../../read-settings.ts';
import type { Finding, Report } from './findings.ts';

/** NIST SP 800-57 Part 1, 5.6: the minimum strength of a key that is used beyond 2030. */
const MIN_BITS = 112;

/** Whether a secret could be guessed, or is used for two settings. A short one is refused at start. */
export function checkSecrets(
  { secretKeys, passwordPepper }: GivenValues,
  report: Report,
): readonly Finding[] {
  const keys = secretKeys ?? developmentSecrets();
  const peppers = passwordPepper ?? [];
  return [
    keys.length === 0
      ? report.ok('SECRET_KEY is made at the first start')
      : classifySecret('SECRET_KEY', keys, report),
    ...(peppers.length === 0 ? [] : [classifySecret('PASSWORD_PEPPER', peppers, report)]),
    ...(peppers.some((pepper) => keys.includes(pepper))
      ? [
          report.warning(
            'PASSWORD_PEPPER is the same as SECRET_KEY, so that an attacker who learns one has both',
            `${SECRET_ADVICE}, and rotate it in`,
          ),
        ]
      : []),
  ];
}

/** Whether passwords may be shorter than what NIST asks of an only factor. */
export function checkMinimumLength(settings: GivenValues, { ok, warning }: Report): Finding {
  const short = shortMinimum(settingsReader(settings));
  if (short !== null) return warning(short.what, short.fix);
  return ok(`PASSWORD_MIN_LENGTH is ${settings.passwordMinLength}, with MFA=${settings.mfa}`);
}

/** The secret that a development server has created; none before its first start. */
function developmentSecrets(): readonly string[] {
  return resultOrNull(() => splitSecrets(readFileSync(DEVELOPMENT_SECRET_FILE, 'utf8'))) ?? [];
}

function classifySecret(
  name: string,
  [newest = '', ...older]: readonly string[],
  { ok, warning, fault }: Report,
): Finding {
  const problem = weakness(newest);
  if (problem !== null) return fault(`${name} ${problem}`, SECRET_ADVICE);
  const bits = Math.floor(estimateBits(newest));
  if (bits >= MIN_BITS)
    return ok(`${name} looks random${older.length === 0 ? '' : `, with ${older.length} older`}`);
  return warning(
    `${name} looks like words or a pattern: about ${bits} bits`,
    `${SECRET_ADVICE}, and rotate it as docs/secrets.md says`,
  );
}

/**
 * A rough lower bound of a text's entropy, from the frequencies of its characters (Shannon). Words are easier to
 * guess than their letters suggest: English has less than 2 bits per letter.
 */
function estimateBits(text: string): number {
  const characters = [...text];
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / characters.length);
  const each = shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
  const looksLikeWords =
    /^[\p{L}\p{Zs}\p{P}]+$/u.test(text) && /\p{L}[\p{Zs}\p{P}]\p{L}|^\p{Ll}+$/u.test(text);
  return characters.length * (looksLikeWords ? Math.min(each, 2) : each);
}

const ACCESSIBLE_TO_OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_GROUP = 0o040;
const READABLE_BY_ALL = 0o004;

/** The mode of a file; undefined if it does not exist, or on Windows. */
function modeOf(path: string): number | undefined {
  return process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })?.mode;
}

// Docker and Kubernetes mount secrets readable for all users of the container, where only the server runs.
const CONTAINER_SECRETS = /^\/(?:var\/)?run\/secrets\//;

/** Whether other users can read or change the files that contain secrets. */
export function checkSecretFiles({ files, secretKeys }: GivenValues, report: Report): readonly Finding[] {
  const own = { name: 'SECRET_KEY', path: DEVELOPMENT_SECRET_FILE, holdsValue: true };
  return [...files, ...(secretKeys === null ? [own] : [])].flatMap((file) => {
    const mode = modeOf(file.path);
    return mode === undefined ? [] : [classifySecretFile(file, mode, report)];
  });
}

function classifySecretFile(
  { name, path, holdsValue }: SettingFile,
  mode: number,
  { ok, warning, fault }: Report,
): Finding {
  const fix = `chmod 600 ${path}`;
  if ((mode & WRITABLE_BY_OTHERS) !== 0) return fault(`${name}: others can change ${path}`, fix);
  if (!holdsValue) return ok(`${name}: ${path} holds no secret, and no other user can change it`);
  if (CONTAINER_SECRETS.test(path)) return ok(`${name}: ${path} is private`);
  if ((mode & READABLE_BY_ALL) !== 0)
    return fault(`${name}: every user of this machine can read ${path}`, fix);
  if ((mode & READABLE_BY_GROUP) === 0) return ok(`${name}: ${path} is private`);
  return warning(`${name}: its group can read ${path}`, `${fix}, unless the server reads it as that group`);
}

const MEBIBYTE = 1024 * 1024;
const LOW_SPACE = 1024 * MEBIBYTE;
const CRITICAL_SPACE = 100 * MEBIBYTE;

/** Whether other users can access the files of an SQLite database, and whether it has room to grow. */
export function checkDatabaseFiles(
  { databaseUrl }: GivenValues,
  report: Report,
  readFreeBytes: (folder: string) => number = freeBytes,
): readonly Finding[] {
  const file = databaseFile(databaseUrl);
  if (file === null) return [];
  const folder = dirname(resolve(file));
  // The first start creates a missing folder with the right mode.
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return [
    ...[file, `${file}-wal`, `${file}-shm`].flatMap((path) => classifyDatabaseFile(path, report)),
    ...classifyLog(`${file}-wal`, report),
    classifyFolder(folder, report),
    classifySpace(readFreeBytes(folder), report),
  ];
}

function classifyDatabaseFile(path: string, { ok, fault }: Report): readonly Finding[] {
  const mode = modeOf(path);
  if (mode === undefined) return [];
  if ((mode & ACCESSIBLE_TO_OTHERS) === 0) return [ok(`${path} is private`)];
  return [fault(`others can get at ${path}, which holds names, addresses and hashes`, `chmod 600 ${path}`)];
}

/** SQLite empties its log at about 4 MiB, unless a connection goes on reading what was there before. */
const LARGE_LOG = 16 * MEBIBYTE;

function classifyLog(path: string, { warning }: Report): readonly Finding[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= LARGE_LOG) return [];
  return [
    warning(
      `${path} has ${Math.floor(size / MEBIBYTE)} MiB; SQLite empties it at 4 unless another program goes on reading`,
      'end the program that has the file open in a long transaction, such as a shell of sqlite3 or a backup',
    ),
  ];
}

// A user who may write to the folder can replace the database.
function classifyFolder(folder: string, { ok, warning, fault }: Report): Finding {
  const mode = modeOf(folder) ?? 0;
  const fix = `chmod 700 ${folder}`;
  if ((mode & WRITABLE_BY_OTHERS) !== 0) return fault(`others can write to the folder ${folder}`, fix);
  if ((mode & ACCESSIBLE_TO_OTHERS) !== 0) return warning(`others can look into the folder ${folder}`, fix);
  return ok(`the folder ${folder} is private`);
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function classifySpace(bytes: number, { ok, warning, fault }: Report): Finding {
  const what = `${Math.floor(bytes / MEBIBYTE)} MiB are left on its disk`;
  const fix = 'make room, or move the database; without room no user can sign in';
  if (bytes < CRITICAL_SPACE) return fault(what, fix);
  return bytes < LOW_SPACE ? warning(what, fix) : ok(what);
}

/** The longest that a user who signs in should wait for the hash alone. */
const SLOW_HASH = SECOND;

// Enough to distinguish a tenth of a second from a second; latchkey tune measures more precisely.
const HASH_ROUNDS = 3;

/** Whether a hash is expensive enough for an attacker, not too slow for a user, and how many fit into the memory. */
export async function checkHashing(
  { passwordHash }: GivenValues,
  report: Report,
  measure: (parameters: GivenValues['passwordHash']) => Promise<number> = measureHash,
  resources: Resources = readResources(),
): Promise<readonly Finding[]> {
  const { ok, warning, fault } = report;
  const { fallback, schema } = passwordSettings.passwordHash;
  const cost = `PASSWORD_HASH is ${formatParameters(passwordHash)}`;
  const plan = planHashing(passwordHash, resources);
  const shortage = describeShortage(plan);
  const strength = isWeaker(passwordHash, schema.parse(fallback))
    ? warning(`${cost}, which is less than the default`, `set ${fallback}, or what latchkey tune finds`)
    : ok(cost);
  // To measure it would end this process, too.
  if (plan.fits === 'not') return [strength, fault(`${cost}: ${shortage}`, MEMORY_ADVICE)];
  const milliseconds = await measure(passwordHash);
  const time = `a hash takes ${milliseconds.toFixed(0)} ms with every thread busy`;
  const rate = Math.round((plan.threads * SECOND) / milliseconds);
  const capacity = `about ${rate} sign-ins per second on ${plan.threads} of ${resources.cores} cores`;
  return [
    strength,
    milliseconds < SLOW_HASH ? ok(time) : warning(time, 'run latchkey tune, and set what it finds'),
    shortage === null
      ? ok(`${capacity}, with up to ${plan.memory} of ${plan.allowed} MiB`)
      : warning(`${capacity}, but ${shortage}`, MEMORY_ADVICE),
  ];
}

function measureHash(parameters: GivenValues['passwordHash']): Promise<number> {
  const { measure, close } = createMeasure(HASH_ROUNDS);
  return measure(parameters).finally(close);
}
