import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A tool that npm cannot install. */
export type Wanted = {
  /** Its usual name. */
  readonly name: string;
  readonly command: string;
  /** Folders besides PATH in which systems install it. */
  readonly folders: readonly string[];
  /** Debian's package. */
  readonly package: string;
};

/**
 * The path of a tool; installs its package if it is missing and this user may install it.
 * @throws {Error} saying how to install it
 */
export function toolPath(wanted: Wanted): string {
  const found = find(wanted) ?? (install(wanted) ? find(wanted) : undefined);
  if (found !== undefined) return found;
  throw new Error(`${wanted.name} is missing; get it with: apt-get install ${wanted.package}`);
}

function find({ command, folders }: Wanted): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, ...path].map((folder) => join(folder, command)).find((file) => existsSync(file));
}

function install(wanted: Wanted): boolean {
  if (process.getuid?.() !== 0) return false;
  console.log(`Installing ${wanted.name} from the system’s packages …`);
  // Its service is not wanted: tests start private instances. Debian checks this file before it starts any service.
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const commands = [['update'], ['install', '-y', '--no-install-recommends', wanted.package]];
  return commands.every((args) => {
    const { status } = spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: environment,
    });
    return status === 0;
  });
}
