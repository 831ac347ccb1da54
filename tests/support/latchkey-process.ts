import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { type Ending, type Program, runProgram, startProgram } from './program.ts';
import { createVisitor, type Visitor } from './visitor.ts';

const COMMAND = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** A running server in a process of its own. */
export type ServerProcess = AsyncDisposable & {
  readonly program: Program;
  readonly port: number;
  readonly visitor: () => Visitor;
};

/** Starts `latchkey serve` in a folder and waits until it answers; `await using` kills it. */
export async function startServerProcess(
  folder: string,
  environment: Environment = {},
  { port, started = 'Its data lies in' }: { port?: number; started?: string } = {},
): Promise<ServerProcess> {
  const chosen = port ?? (await freePort());
  const program = startProgram([COMMAND, 'serve'], {
    folder,
    // Nobody here fills a form in by hand.
    environment: { PORT: String(chosen), REGISTRATION_MIN_TIME: '0s', ...environment },
  });
  await program.says(started);
  return {
    program,
    port: chosen,
    visitor: () => createVisitor(fetch, `http://localhost:${chosen}`),
    [Symbol.asyncDispose]: program[Symbol.asyncDispose],
  };
}

/** Runs one verb of the command line to its end. */
export function runLatchkey(
  folder: string,
  words: readonly string[],
  environment: Environment = {},
): Promise<Ending> {
  return runProgram([COMMAND, ...words], { folder, environment });
}
