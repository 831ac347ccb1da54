import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { threadOptions } from '../../thread.ts';
import { execute, type Outcome, type Statement } from './execute.ts';
import { keepStatements } from './statements.ts';
import type { ThreadAnswer, ThreadFailure } from './writing-thread.ts';

/** What writes: it runs statements in the order in which they are given. */
export type Writer = {
  readonly run: (statement: Statement) => Promise<Outcome>;
  /** Whether its connection is gone, and with it the transaction that was under way. */
  readonly isLost: () => boolean;
  /** Does what was given, and then closes the connection. May be called twice. */
  readonly close: () => Promise<void>;
};

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const SOURCE = new URL(`./writing-thread.${EXTENSION}`, import.meta.url);

/** Writes here and now. For a database in memory, which one connection alone can see. */
export function writeHere(connection: DatabaseSync): Writer {
  const statements = keepStatements(connection);
  return {
    run: async (statement) => execute(statements, statement),
    isLost: () => false,
    close: async () => {
      if (connection.isOpen) connection.close();
    },
  };
}

/**
 * Starts a thread that writes to a file. To keep what was written it waits for the disk, at times for long; in a
 * thread of its own nobody who only reads waits with it. It never keeps the process alive.
 */
export function writeInThread(path: string): Writer {
  const worker = new Worker(SOURCE, { ...threadOptions(), workerData: path });
  const waiting: PromiseWithResolvers<Outcome>[] = [];
  let reason = new Error('the writing thread ended');
  let isOver = false;
  const end = Promise.withResolvers<void>();
  worker.unref();
  worker.on('error', (error: Error) => {
    reason = error;
  });
  worker.once('exit', () => {
    isOver = true;
    for (const outcome of waiting.splice(0)) outcome.reject(reason);
    end.resolve();
  });
  worker.on('message', (answer: ThreadAnswer) => {
    const first = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if ('failure' in answer) first?.reject(asError(answer.failure));
    else first?.resolve(answer.outcome);
  });
  return {
    run: async (statement) => {
      if (isOver) throw reason;
      worker.postMessage(ofItsOwn(statement));
      const outcome = Promise.withResolvers<Outcome>();
      waiting.push(outcome);
      // While a statement is under way the process must not end for want of other work.
      worker.ref();
      return outcome.promise;
    },
    isLost: () => isOver,
    close: () => {
      worker.ref();
      worker.postMessage('close');
      return end.promise;
    },
  };
}

// A small Buffer is a window on memory that many share, and all of that would be copied.
function ofItsOwn({ values, ...statement }: Statement): Statement {
  const own = values.map((value) => (value instanceof Uint8Array ? new Uint8Array(value) : value));
  return { ...statement, values: own };
}

function asError({ message, ...details }: ThreadFailure): Error {
  return Object.assign(new Error(message), details);
}
