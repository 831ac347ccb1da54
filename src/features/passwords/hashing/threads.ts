import { Worker } from 'node:worker_threads';
import { threadOptions } from '../../../platform/runtime/index.ts';
import type { HashParameters } from './parameters.ts';

export type HashingJob = {
  readonly password: string;
  /** The secret input of Argon2; none where it is undefined. */
  readonly pepper: Uint8Array | undefined;
} & (
  | { readonly operation: 'hash'; readonly parameters: HashParameters }
  | { readonly operation: 'verify'; readonly hash: string }
);

export type HashingAnswer = { readonly result: string | boolean } | { readonly failure: string };

/** Threads of our own for hashing, so that the event loop and the shared thread pool stay free. */
export type HashingThreads = {
  /**
   * Does one job. Each thread does its jobs in turn; one that is handed over while the thread is still at another
   * begins without waiting for the event loop. The caller bounds how many that may be.
   */
  readonly run: (job: HashingJob) => Promise<string | boolean>;
  /** Ends the threads and whatever they do; what waited for them fails, and nothing starts any more. */
  readonly close: () => Promise<void>;
};

type Task = { readonly job: HashingJob; readonly outcome: PromiseWithResolvers<string | boolean> };
/** A thread, and what it has been handed: it is at the first and begins the others in their order. */
type Thread = { readonly worker: Worker; readonly tasks: Task[] };

const SOURCE = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * Threads start when they are first needed and never keep the process alive.
 * @param most how many there may be
 */
export function createHashingThreads(most: number): HashingThreads {
  const threads = new Set<Thread>();
  let isClosed = false;

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(SOURCE, threadOptions()), tasks: [] };
    let reason = new Error('the hashing thread ended');
    thread.worker.unref();
    thread.worker.on('message', (answer: HashingAnswer) => settleFirst(thread, answer));
    thread.worker.on('error', (error: Error) => {
      reason = error;
    });
    thread.worker.once('exit', () => {
      threads.delete(thread);
      // What it was at is lost, and may be what ended it; what it had not begun goes to another.
      thread.tasks.shift()?.outcome.reject(reason);
      for (const task of thread.tasks) assign(task);
    });
    threads.add(thread);
    return thread;
  };

  const assign = (task: Task): void => {
    if (isClosed) {
      task.outcome.reject(new Error('the hashing threads have ended'));
      return;
    }
    const [freest] = [...threads].sort((one, other) => one.tasks.length - other.tasks.length);
    const mayStart = threads.size < most && freest?.tasks.length !== 0;
    handOver(freest === undefined || mayStart ? start() : freest, task);
  };

  return {
    run: (job) => {
      const outcome = Promise.withResolvers<string | boolean>();
      assign({ job, outcome });
      return outcome.promise;
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function handOver({ worker, tasks }: Thread, task: Task): void {
  tasks.push(task);
  // While a job is under way the process must not end for want of other work.
  worker.ref();
  worker.postMessage(task.job);
}

function settleFirst({ worker, tasks }: Thread, answer: HashingAnswer): void {
  const task = tasks.shift();
  if (tasks.length === 0) worker.unref();
  if ('failure' in answer) task?.outcome.reject(new Error(`password hashing failed: ${answer.failure}`));
  else task?.outcome.resolve(answer.result);
}
