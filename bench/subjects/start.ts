import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freePort } from '../../scripts/provide/free-port.ts';

const usage = z.object({ cpuMilliseconds: z.number(), residentBytes: z.number() });
export type Usage = z.infer<typeof usage>;

type Script = readonly [string, ...string[]];

/** A value that can be sent to a process. */
type Order = string | Readonly<Record<string, string | number>>;

/** A system under test in a separate process. */
export type Subject = {
  readonly port: number;
  /** The resources that the process has used since it started. */
  readonly usage: () => Promise<Usage>;
  /** Sends an order and waits for the response, which must have the given shape. */
  readonly ask: <Answer>(order: Order, shape: z.ZodType<Answer>) => Promise<Answer>;
  readonly stop: () => Promise<void>;
};

const START_LIMIT = 30_000;
const gauge = new URL('./gauge.ts', import.meta.url).href;

/**
 * Starts a script of this project and waits until it listens on the port in `PORT`.
 * @param script its path from the root of the project, and its arguments
 */
export async function startServer(
  script: Script,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<Subject> {
  const port = await freePort();
  const subject = startProcess(
    script,
    folder,
    { COOKIE_PREFIX: 'latchkey', ...environment, PORT: String(port) },
    port,
  );
  const deadline = performance.now() + START_LIMIT;
  while (!(await isListening(port))) {
    if (performance.now() > deadline) throw new Error(`${script.join(' ')} did not listen in time`);
    await wait(20);
  }
  return subject;
}

/** Starts a script that takes orders and listens on no port. */
export function startProcess(
  [file, ...args]: Script,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  port = 0,
): Subject {
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', gauge, path, ...args], {
    cwd: folder,
    // No settings of the caller: every run measures the defaults.
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const askChild = <Answer>(order: Order, shape: z.ZodType<Answer>) => ask(child, order, shape);
  return {
    port,
    usage: () => askChild('usage', usage),
    ask: askChild,
    stop: async () => {
      // A process that a signal has ended has no exit code.
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function ask<Answer>(child: ChildProcess, order: Order, shape: z.ZodType<Answer>): Promise<Answer> {
  const cancel = new AbortController();
  const answered = once(child, 'message', { signal: cancel.signal });
  const ended = once(child, 'exit', { signal: cancel.signal });
  child.send(order);
  const [message] = await Promise.race([answered, ended]);
  cancel.abort();
  return shape.parse(message);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
