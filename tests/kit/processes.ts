import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { main } from '../../src/cli/main.ts';
import { SECRET_KEY, type TestSystem } from './system.ts';
import { freePort, type TemporaryFolder, temporaryFolder } from './temporary.ts';
import { createVisitor, type Visitor } from './visitor.ts';

/** The result of a process, and its complete output. */
export type ProcessResult = {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A running child process; `await using` ends it. */
export type Program = AsyncDisposable & {
  /** Settles once the process has written this text to stdout; rejects if it ends before. */
  readonly says: (text: string) => Promise<void>;
  readonly send: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<ProcessResult>;
};

export type ProgramOptions = {
  readonly folder: string;
  /** Added to the environment of this process; undefined removes a variable. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The executable for the arguments; the current Node by default. */
  readonly command?: string;
  /** Whether it starts processes of its own, which end with it. */
  readonly isGroup?: boolean;
};

/** Starts a process with the given arguments. */
export function startProgram(args: readonly string[], options: ProgramOptions): Program {
  const { folder, environment, command = process.execPath, isGroup = false } = options;
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: isGroup,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(() => ({
    status: child.exitCode,
    signal: child.signalCode,
    stdout,
    stderr,
  }));
  const says = async (text: string) => {
    const hasEnded = ended.then(() => true);
    while (!stdout.includes(text)) {
      const isFinished = await Promise.race([hasEnded, once(child.stdout, 'data').then(() => false)]);
      if (isFinished && !stdout.includes(text))
        throw new Error(`ended without saying “${text}”: ${stdout}${stderr}`);
    }
  };
  return {
    says,
    send: (signal) => child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      if (isGroup && child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a process to its end. */
export function runProgram(args: readonly string[], options: ProgramOptions): Promise<ProcessResult> {
  return startProgram(args, options).ended;
}

/** The command: what a run of all tests has built, or the source of this checkout. */
export const COMMAND =
  process.env['TEST_PROGRAM'] ?? fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** A running server in a process of its own. */
export type ServerProcess = AsyncDisposable & {
  readonly program: Program;
  readonly port: number;
  readonly visitor: () => Visitor;
};

/** Starts `latchkey serve` in a folder and waits until it responds; `await using` kills it. */
export async function startServerProcess(
  folder: string,
  environment: Environment = {},
  { port, started = 'Its data lies in' }: { port?: number; started?: string } = {},
): Promise<ServerProcess> {
  const chosen = port ?? (await freePort());
  const program = startProgram([COMMAND, 'serve'], {
    folder,
    // No test fills in a form by hand.
    environment: {
      PORT: String(chosen),
      COOKIE_PREFIX: 'latchkey',
      REGISTRATION_MIN_TIME: '0s',
      ...environment,
    },
  });
  await program.says(started);
  return {
    program,
    port: chosen,
    visitor: () => createVisitor(fetch, `http://localhost:${chosen}`),
    [Symbol.asyncDispose]: program[Symbol.asyncDispose],
  };
}

/** Runs one command to its end. */
export function runLatchkey(
  folder: string,
  args: readonly string[],
  environment: Environment = {},
): Promise<ProcessResult> {
  return runProgram([COMMAND, ...args], { folder, environment });
}

/** The result of a command in this process, and its complete output. */
export type CommandResult = Pick<ProcessResult, 'status' | 'stdout' | 'stderr'>;

/** The running commands: one at a time, because each uses the state of the process. */
let runningCommands: Promise<unknown> = Promise.resolve();

/**
 * Runs commands one after the other in this process, which has loaded the code already, and returns how each would have
 * ended. Tests of the process itself need `runLatchkey`.
 */
export function runCommands(
  folder: string,
  lines: readonly (readonly string[])[],
  environment: NodeJS.ProcessEnv = {},
): Promise<readonly CommandResult[]> {
  const run = runningCommands.then(() => runInThisProcess(folder, lines, environment));
  runningCommands = run.catch(() => {});
  return run;
}

async function runInThisProcess(
  folder: string,
  lines: readonly (readonly string[])[],
  environment: NodeJS.ProcessEnv,
): Promise<readonly CommandResult[]> {
  const { env, exitCode, stdout, stderr } = process;
  const before = { folder: process.cwd(), out: stdout.write, error: stderr.write };
  const written = { stdout: '', stderr: '' };
  process.chdir(folder);
  process.env = { ...env, ...environment };
  stdout.write = captureInto(written, 'stdout');
  stderr.write = captureInto(written, 'stderr');
  try {
    const endings: CommandResult[] = [];
    for (const line of lines) {
      Object.assign(written, { stdout: '', stderr: '' });
      process.exitCode = undefined;
      await main(line, () => {});
      endings.push({ status: Number(process.exitCode ?? 0), ...written });
    }
    return endings;
  } finally {
    stdout.write = before.out;
    stderr.write = before.error;
    process.env = env;
    process.exitCode = exitCode;
    process.chdir(before.folder);
  }
}

type Written = { stdout: string; stderr: string };
type WriteDone = (error?: Error | null) => void;

function captureInto(written: Written, stream: keyof Written): typeof process.stdout.write {
  return (chunk: string | Uint8Array, encoding?: BufferEncoding | WriteDone, done?: WriteDone) => {
    written[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) queueMicrotask(callback);
    return true;
  };
}

/** Runs one command in this process. */
export async function runCommand(
  folder: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  const [ending] = await runCommands(folder, [args], environment);
  assert.ok(ending !== undefined);
  return ending;
}

/** Runs commands on the database of a system that keeps running. */
export async function runCommandsOn(
  { databaseUrl }: TestSystem,
  lines: readonly (readonly string[])[],
  environment: NodeJS.ProcessEnv = {},
) {
  using folder = temporaryFolder();
  return await runCommands(folder.path, lines, { DATABASE_URL: databaseUrl, SECRET_KEY, ...environment });
}

const root = fileURLToPath(new URL('../..', import.meta.url));

const manifest = z
  .object({ version: z.string(), files: z.array(z.string()), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** The folder of an application in which the package is installed as by npm. */
export type Installation = {
  readonly folder: string;
  readonly version: string;
  readonly tarball: string;
  /** The paths of the files in the package. */
  readonly files: readonly string[];
};

/** Builds and packs a copy of this checkout, and installs the result beside this checkout's dependencies. */
export async function installPackage(): Promise<Installation & Disposable> {
  const temporary = temporaryFolder();
  const tarball = await pack(temporary);
  const folder = join(temporary.path, 'application');
  const target = join(folder, 'node_modules', 'latchkey');
  mkdirSync(target, { recursive: true });
  const listing = await run(['-tzf', tarball], { folder, command: 'tar' });
  await run(['-xzf', tarball, '-C', target, '--strip-components=1'], { folder, command: 'tar' });
  linkDependencies(folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const files = listing
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  return { folder, version: manifest.version, tarball, files, [Symbol.dispose]: temporary[Symbol.dispose] };
}

/** Runs a process that must succeed. @returns its stdout */
export async function run(args: readonly string[], options: ProgramOptions): Promise<string> {
  const { status, stdout, stderr } = await runProgram(args, options);
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

/** Builds and packs a copy of this checkout. @returns the path of the tarball */
export async function pack(temporary: TemporaryFolder): Promise<string> {
  const folder = join(temporary.path, 'checkout');
  const shipped = manifest.files.map((file) => (file.startsWith('docs/') ? 'docs' : file));
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'scripts', ...shipped]) {
    // The result of an earlier build must not be packed.
    if (file !== 'dist' && existsSync(join(root, file)))
      cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await run(['scripts/build.ts'], { folder });
  await run(['pack', '--ignore-scripts', '--offline', '--pack-destination', temporary.path], {
    folder,
    command: 'npm',
  });
  return join(temporary.path, `latchkey-${manifest.version}.tgz`);
}

/** What the applications of tests use beside the package. */
const FRAMEWORKS = ['express', '@types/express', 'fastify'];

function linkDependencies(folder: string): void {
  for (const name of [...Object.keys(manifest.dependencies), '@types/node', ...FRAMEWORKS]) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  const commands = join(folder, 'node_modules', '.bin');
  mkdirSync(commands);
  symlinkSync('../latchkey/bin/latchkey.js', join(commands, 'latchkey'));
}

/** The events that the command wrote to stderr, as JSON lines. */
export function recorded(stderr: string): readonly Readonly<Record<string, unknown>>[] {
  return stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}
