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

/** A program that serves on a port, with its data in a folder of its own. */
export type RunningServer = {
  /** Ends it and removes its folder. */
  readonly stop: () => Promise<void>;
  /** Ends it, and leaves its data. */
  readonly halt: () => Promise<void>;
  /** Starts it again on the same port and data. */
  readonly resume: () => Promise<void>;
  /** The process that was started; a server may have started more. */
  readonly processId: () => number;
  /** The last 10,000 characters that it wrote. */
  readonly output: () => string;
};

/** A server of our own, on a free port, with its data in a temporary folder. */
export type PrivateServer = RunningServer & { readonly url: string };

/** A certificate and its key, in PEM. */
export type Identity = { readonly certificate: string; readonly key: string };

/** How a server shows who it is, and whose certificates it takes from clients. */
export type ServerTls = Identity & { readonly authority: string };

/** Who a server runs as: database servers refuse to be root. */
export type RunAs = { readonly uid?: number; readonly gid?: number };

/** A user without rights where this one is root, else this one. */
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

/** A file in a server's folder that nobody else may read. */
export function privateFile(folder: string, name: string, text: string, { uid, gid }: RunAs): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  return file;
}

/** Runs a program to its end. @throws {Error} with what it wrote, when it fails */
export function runToEnd(program: string, words: readonly string[], runAs: RunAs, folder: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    ...runAs,
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? ''}${stdout}${stderr}`);
}

/**
 * Gives a database server the data folder that it starts with. To initialise one takes seconds, so that is done once
 * for each version of the server, and then copied.
 * @param initialise makes the folder it is given, which is not there yet
 */
export function initialisedFolder(
  program: string,
  target: string,
  { uid, gid }: RunAs,
  initialise: (folder: string) => void,
): void {
  const version = spawnSync(program, ['--no-defaults', '--version'], { encoding: 'utf8' });
  const key = createHash('sha256').update(`${program} ${version.stdout}`).digest('hex').slice(0, 16);
  const kept = join(CACHE, key);
  if (!existsSync(kept)) {
    mkdirSync(CACHE, { recursive: true });
    const made = `${target}-initial`;
    initialise(made);
    // Another process may be doing the same: each makes a folder of its own, and the first one to move it is taken.
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
  // PostgreSQL refuses a folder that others may read.
  chmodSync(target, 0o700);
  if (uid === undefined || gid === undefined) return;
  for (const path of ['', ...globSync('**', { cwd: target })]) chownSync(join(target, path), uid, gid);
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/database-servers', import.meta.url));

export type ServerCommand = {
  readonly program: string;
  readonly words: readonly string[];
  readonly runAs: RunAs;
  readonly folder: string;
  /** What it writes once it answers, in the words of its log. */
  readonly readiness: string;
};

/**
 * Starts a server and waits until it says that it answers.
 * @throws {Error} with what it wrote, when it ends first
 */
export async function startServer(command: ServerCommand): Promise<RunningServer> {
  let output = '';
  const read = (text: string) => {
    output = (output + text).slice(-10_000);
    return output;
  };
  let child = await startChild(command, read);
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

/** @param collect keeps what the program writes, and returns all of it */
async function startChild(
  { program, words, runAs, folder, readiness }: ServerCommand,
  collect: (text: string) => string,
): Promise<ChildProcess> {
  const child = spawn(program, words, { ...runAs, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  // Whatever becomes of the tests, no server outlives them.
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
    started.reject(new Error(`${program} ended: ${collect('')}`));
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
  // A test that failed may have left it frozen.
  child.kill('SIGCONT');
  child.kill('SIGQUIT');
  child.kill('SIGTERM');
  await ended;
}
