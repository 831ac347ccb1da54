import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { threadOptions } from '../../runtime/thread.ts';
import { execute, keepStatements, type Outcome, type Statement } from './statements.ts';
import type { Order, ThreadAnswer, ThreadFailure } from './writing-thread.ts';

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

/** Threads whose file is closed. Starting one costs fifty times what opening a file does. */
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
 * Has a thread write to a file. To keep what was written it waits for the disk, at times for long; in a thread of its
 * own, requests that only read do not wait with it. It never keeps the process alive.
 */
export function writeInThread(path: string): Writer {
  const worker = takeThread();
  const waiting: PromiseWithResolvers<Outcome>[] = [];
  let reason = new Error('the writing thread ended');
  let isOver = false;
  let isClosing = false;
  const end = Promise.withResolvers<void>();
  const finish = () => {
    isOver = true;
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
      // The thread may have another file open by then.
      if (isOver || isClosing) throw reason;
      worker.postMessage(ofItsOwn(statement) satisfies Order);
      const outcome = Promise.withResolvers<Outcome>();
      waiting.push(outcome);
      // While a statement is under way the process must not end for want of other work.
      worker.ref();
      return outcome.promise;
    },
    isLost: () => isOver,
    close: () => {
      if (isOver || isClosing) return end.promise;
      isClosing = true;
      worker.ref();
      worker.postMessage('close' satisfies Order);
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
