import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { threadOptions } from '../../runtime/index.ts';
import { execute, keepStatements, type Outcome, type Statement } from './statements.ts';
import type { Order, ThreadAnswer, ThreadFailure } from './writing-thread.ts';

/** Runs statements in the order in which they are given. */
export type Writer = {
  readonly run: (statement: Statement) => Promise<Outcome>;
  /** Whether its connection is lost, and with it an open transaction. */
  readonly isLost: () => boolean;
  /** Closes the connection after the statements given before. May be called twice. */
  readonly close: () => Promise<void>;
};

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const SOURCE = new URL(`./writing-thread.${EXTENSION}`, import.meta.url);

/** Writes synchronously, for a database in memory, which only one connection can see. */
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

/** Threads without an open file, for reuse: starting one costs fifty times what opening a file does. */
const idleThreads = new Set<Worker>();

function takeThread(): Worker {
  for (const worker of idleThreads) {
    idleThreads.delete(worker);
    return worker;
  }
  const worker = new Worker(SOURCE, threadOptions());
  worker.once('exit', () => idleThreads.delete(worker));
  return worker;
}

/**
 * Writes to a file in a thread. A commit waits for the disk, sometimes for long; in a separate thread it blocks no request
 * that only reads. An idle thread does not keep the process alive.
 */
export function writeInThread(path: string): Writer {
  const worker = takeThread();
  const waiting: PromiseWithResolvers<Outcome>[] = [];
  let reason = new Error('the writing thread ended');
  let hasEnded = false;
  let isClosing = false;
  const end = Promise.withResolvers<void>();
  const finish = () => {
    hasEnded = true;
    worker.unref();
    worker.off('error', onError).off('exit', onExit).off('message', onMessage);
    for (const outcome of waiting.splice(0)) outcome.reject(reason);
    end.resolve();
  };
  const onError = (error: Error) => {
    reason = error;
  };
  const onExit = () => finish();
  const onMessage = (answer: ThreadAnswer) => {
    if ('closed' in answer) {
      finish();
      idleThreads.add(worker);
      return;
    }
    const first = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if ('failure' in answer) first?.reject(asError(answer.failure));
    else first?.resolve(answer.outcome);
  };
  worker.on('error', onError).on('exit', onExit).on('message', onMessage);
  worker.unref();
  worker.postMessage({ open: path } satisfies Order);
  return {
    run: async (statement) => {
      // The thread may have opened another file since.
      if (hasEnded || isClosing) throw reason;
      worker.postMessage(copyValues(statement) satisfies Order);
      const outcome = Promise.withResolvers<Outcome>();
      waiting.push(outcome);
      // The process must not end while a statement is running.
      worker.ref();
      return outcome.promise;
    },
    isLost: () => hasEnded,
    close: () => {
      if (hasEnded || isClosing) return end.promise;
      isClosing = true;
      worker.ref();
      worker.postMessage('close' satisfies Order);
      return end.promise;
    },
  };
}

// A small Buffer is a view on shared memory, all of which would be copied to the thread.
function copyValues({ values, ...statement }: Statement): Statement {
  const own = values.map((value) => (value instanceof Uint8Array ? new Uint8Array(value) : value));
  return { ...statement, values: own };
}

function asError({ message, ...details }: ThreadFailure): Error {
  return Object.assign(new Error(message), details);
}
