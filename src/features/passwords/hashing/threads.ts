import { Worker } from 'node:worker_threads';
import type { HashParameters } from './parameters.ts';

export type HashingJob =
  | { readonly operation: 'hash'; readonly password: string; readonly parameters: HashParameters }
  | { readonly operation: 'verify'; readonly password: string; readonly hash: string };

export type HashingAnswer = { readonly result: string | boolean } | { readonly failure: string };

/** Threads of our own for hashing, so that the event loop and the shared thread pool stay free. */
export type HashingThreads = {
  /** Does one job. The caller sees to it that no more are under way than there are threads. */
  readonly run: (job: HashingJob) => Promise<string | boolean>;
  /** Ends the threads and whatever they do; what waited for them fails, and nothing starts any more. */
  readonly close: () => Promise<void>;
};

const SOURCE = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Threads start when they are first needed and never keep the process alive. */
export function createHashingThreads(): HashingThreads {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let isClosed = false;

  const start = (): Worker => {
    const worker = new Worker(SOURCE);
    worker.unref();
    all.add(worker);
    // Whoever waits hears of an error; without a listener an idle thread's would end the process.
    worker.on('error', () => {});
    worker.once('exit', () => {
      all.delete(worker);
      const position = idle.indexOf(worker);
      if (position !== -1) idle.splice(position, 1);
    });
    return worker;
  };

  return {
    run: async (job) => {
      if (isClosed) throw new Error('the hashing threads have ended');
      const worker = idle.pop() ?? start();
      const answer = await ask(worker, job);
      idle.push(worker);
      if ('failure' in answer) throw new Error(`password hashing failed: ${answer.failure}`);
      return answer.result;
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, job: HashingJob): Promise<HashingAnswer> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      worker.unref();
    };
    const onMessage = (answer: HashingAnswer) => {
      finish();
      resolve(answer);
    };
    const onError = (error: Error) => {
      finish();
      reject(error);
    };
    const onExit = () => {
      finish();
      reject(new Error('the hashing thread ended'));
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    // While a job is under way the process must not end for want of other work.
    worker.ref();
    worker.postMessage(job);
  });
}
