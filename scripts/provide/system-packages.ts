import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that npm cannot bring. */
export type Wanted = {
  /** What people call it. */
  readonly name: string;
  readonly program: string;
  /** Folders besides PATH where systems keep it. */
  readonly folders: readonly string[];
  /** Debian's package. */
  readonly package: string;
};

/**
 * The path of a program; installs its package when it is missing and this user may.
 * @throws {Error} saying how to get it
 */
export function programPath(wanted: Wanted): string {
  const found = find(wanted) ?? (install(wanted) ? find(wanted) : undefined);
  if (found !== undefined) return found;
  throw new Error(`${wanted.name} is missing; get it with: apt-get install ${wanted.package}`);
}

function find({ program, folders }: Wanted): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, ...path].map((folder) => join(folder, program)).find((file) => existsSync(file));
}

function install(wanted: Wanted): boolean {
  if (process.getuid?.() !== 0) return false;
  console.log(`Installing ${wanted.name} from the system’s packages …`);
  // Its own service is not wanted: tests start private instances. Debian asks this file before starting any.
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const commands = [['update'], ['install', '-y', '--no-install-recommends', wanted.package]];
  return commands.every((words) => {
    const { status } = spawnSync('apt-get', words, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    });
    return status === 0;
  });
}
