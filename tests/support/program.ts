import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and all that it wrote. */
export type Ending = {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A running child process; `await using` ends it. */
export type Program = AsyncDisposable & {
  /** Settles once the program has written this text to stdout; rejects when it ends without. */
  readonly says: (text: string) => Promise<void>;
  readonly send: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ending>;
};

export type ProgramOptions = {
  readonly folder: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What to run the words with; this very Node where nothing is said. */
  readonly command?: string;
};

/** Starts a program with the given words. */
export function startProgram(words: readonly string[], options: ProgramOptions): Program {
  const { folder, environment, command = process.execPath } = options;
  const child = spawn(command, words, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
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
      const isOver = await Promise.race([hasEnded, once(child.stdout, 'data').then(() => false)]);
      if (isOver && !stdout.includes(text))
        throw new Error(`ended without saying “${text}”: ${stdout}${stderr}`);
    }
  };
  return {
    says,
    send: (signal) => child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a program to its end. */
export function runProgram(words: readonly string[], options: ProgramOptions): Promise<Ending> {
  return startProgram(words, options).ended;
}
