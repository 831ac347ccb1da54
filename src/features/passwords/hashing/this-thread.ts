import type { HashingThreads } from './threads.ts';

/**
 * Computes hashes in the thread that calls it, which does nothing else meanwhile: for hashes so cheap that starting
 * another thread would take longer.
 */
export const thisThread: HashingThreads = {
  run: async (job) => {
    // On demand, because a server computes hashes in other threads only.
    const { runHashingJob } = await import('./job.ts');
    const answer = runHashingJob(job);
    if ('failure' in answer) throw new Error(`password hashing failed: ${answer.failure}`);
    return answer.result;
  },
  close: async () => {},
};
