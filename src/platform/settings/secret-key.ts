import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMemoryDatabase } from '../sql/index.ts';
import { type Fault, SettingsError } from './read.ts';
import {
  newSecret,
  SECRET_ADVICE,
  type SecretList,
  splitSecrets,
  TEST_SECRET_KEY,
  weakness,
} from './strong-secret.ts';

/** Where a development server keeps the secret that it has made. */
export const DEVELOPMENT_SECRET_FILE = 'data/secret.key';

/**
 * Every fault of a given secret; on https a missing one is a fault too. Never quotes the secret.
 * @param isPublic whether other machines can reach the site
 */
export function secretFaults(
  secretKey: string | undefined,
  isSecure: boolean,
  isPublic: boolean = isSecure,
): Fault[] {
  const name = 'SECRET_KEY';
  if (secretKey === undefined) {
    return isSecure ? [{ name, message: `is missing, and BASE_URL is https:; ${SECRET_ADVICE}` }] : [];
  }
  return splitSecrets(secretKey).flatMap((key) => {
    const problem = isPublic && key === TEST_SECRET_KEY ? 'is the public one of tests' : weakness(key);
    return problem === null ? [] : [{ name, message: `${problem}; ${SECRET_ADVICE}` }];
  });
}

/**
 * The secret of a development server: made once, kept in `data/secret.key` for this user alone.
 * A database in memory gets one in memory.
 * @throws {SettingsError} when it cannot be kept, or the kept one is weak
 */
export function developmentSecret(databaseUrl: string): SecretList {
  if (isMemoryDatabase(databaseUrl)) return [newSecret()];
  const key = keptSecret();
  const problem = weakness(key);
  if (problem !== null) throw keptFault(`${problem}; delete the file to get a new one`);
  return [key];
}

function keptSecret(): string {
  try {
    return readOrMake(DEVELOPMENT_SECRET_FILE);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw keptFault(`cannot be kept (${reason}); make the folder writable or set SECRET_KEY`);
  }
}

function keptFault(problem: string): SettingsError {
  return new SettingsError([{ name: 'SECRET_KEY', message: `in ${DEVELOPMENT_SECRET_FILE} ${problem}` }]);
}

function readOrMake(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Not named by the process’s number: in containers every process is number 1.
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, newSecret(), { mode: 0o600, flag: 'wx' });
    // A link either makes the whole file or fails, so two first starts agree on one secret.
    linkSync(draft, path);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new Error('others may read it; set its mode to 0600');
  }
  return readFileSync(path, 'utf8').trim();
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
