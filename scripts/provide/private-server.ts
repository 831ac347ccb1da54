import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server process on a port, with its data in a folder of its own. */
export type RunningServer = {
  /** Stops it and deletes its folder. */
  readonly stop: () => Promise<void>;
  /** Stops it and keeps its data. */
  readonly halt: () => Promise<void>;
  /** Starts it again on the same port and data. */
  readonly resume: () => Promise<void>;
  /** The process that was started; the server may have started more. */
  readonly processId: () => number;
  /** The last 10,000 characters of its output. */
  readonly output: () => string;
};

/** A private server on a free port, with its data in a temporary folder. */
export type PrivateServer = RunningServer & { readonly url: string };

/** A certificate and its key, in PEM. */
export type Identity = { readonly certificate: string; readonly key: string };

/** The certificate of a server, and the authority whose client certificates it accepts. */
export type ServerTls = Identity & { readonly authority: string };

/** The user that runs a server: database servers refuse to run as root. */
export type RunAs = { readonly uid?: number; readonly gid?: number };

/** An unprivileged user if this one is root, else this one. */
export function unprivileged(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string) => Number(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A folder that only this server uses. */
export function privateFolder(name: string, { uid, gid }: RunAs): string {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`));
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** A file in the folder of a server that no other user may read. */
export function privateFile(folder: string, name: string, text: string, { uid, gid }: RunAs): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  return file;
}

/** Runs a command to its end. @throws {Error} with its output, if it fails */
export function runToEnd(command: string, args: readonly string[], runAs: RunAs, folder: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...runAs,
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? ''}${stdout}${stderr}`);
}

/**
 * Creates the initial data folder of a database server. Initialising one takes seconds, so it is done once for each
 * version of the server and then copied.
 * @param initialise creates the given folder, which does not exist yet
 */
export function initialisedFolder(
  command: string,
  target: string,
  { uid, gid }: RunAs,
  initialise: (folder: string) => void,
): void {
  const version = spawnSync(command, ['--no-defaults', '--version'], { encoding: 'utf8' });
  const key = createHash('sha256').update(`${command} ${version.stdout}`).digest('hex').slice(0, 16);
  const kept = join(CACHE, key);
  if (!existsSync(kept)) {
    mkdirSync(CACHE, { recursive: true });
    const made = `${target}-initial`;
    initialise(made);
    // Another process may do the same: each creates a folder of its own, and the first one that is moved is used.
    const moved = `${kept}-${process.pid}`;
    cpSync(made, moved, { recursive: true });
    rmSync(made, { recursive: true });
    try {
      renameSync(moved, kept);
    } catch {
      rmSync(moved, { recursive: true });
    }
  }
  cpSync(kept, target, { recursive: true });
  // PostgreSQL refuses a folder that other users may read.
  chmodSync(target, 0o700);
  if (uid === undefined || gid === undefined) return;
  for (const path of ['', ...globSync('**', { cwd: target })]) chownSync(join(target, path), uid, gid);
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/database-servers', import.meta.url));

export type ServerCommand = {
  readonly command: string;
  readonly args: readonly string[];
  /** More arguments for its first start. */
  readonly firstArgs?: readonly string[];
  readonly runAs: RunAs;
  readonly folder: string;
  /** What it writes to its log once it accepts connections. */
  readonly readiness: string;
};

/**
 * Starts a server and waits until it reports that it accepts connections.
 * @throws {Error} with its output, if it ends before
 */
export async function startServer(command: ServerCommand): Promise<RunningServer> {
  let output = '';
  const read = (text: string) => {
    output = (output + text).slice(-10_000);
    return output;
  };
  const first = { ...command, args: [...command.args, ...(command.firstArgs ?? [])] };
  let child = await startChild(first, read);
  return {
    stop: async () => {
      await end(child);
      rmSync(command.folder, { recursive: true, force: true });
    },
    halt: () => end(child),
    resume: async () => {
      output = '';
      child = await startChild(command, read);
    },
    processId: () => child.pid ?? Number.NaN,
    output: () => output,
  };
}

/** @param collect stores the output and returns all of it */
async function startChild(
  { command, args, runAs, folder, readiness }: ServerCommand,
  collect: (text: string) => string,
): Promise<ChildProcess> {
  const child = spawn(command, args, { ...runAs, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  // No server may outlive the tests.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const started = Promise.withResolvers<void>();
  const read = (text: string) => {
    if (collect(text).includes(readiness)) started.resolve();
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
  child.once('error', started.reject);
  child.once('close', () => {
    process.off('exit', kill);
    started.reject(new Error(`${command} ended: ${collect('')}`));
  });
  await started.promise;
  return child;
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  const ended = once(child, 'exit');
  // A failed test may have left it frozen.
  child.kill('SIGCONT');
  child.kill('SIGQUIT');
  child.kill('SIGTERM');
  await ended;
}
