import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashingAnswer, HashingJob } from './threads.ts';

/** Computes one hash in the thread that calls it, which does nothing else meanwhile. */
export function runHashingJob(job: HashingJob): HashingAnswer {
  try {
    const secret = job.pepper === undefined ? {} : { secret: job.pepper };
    if (job.operation === 'verify') return { result: verifySync(job.hash, job.password, secret) };
    const { memoryKibibytes, passes, lanes } = job.parameters;
    const options = { memoryCost: memoryKibibytes, timeCost: passes, parallelism: lanes, ...secret };
    return { result: hashSync(job.password, options) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : 'hashing failed' };
  }
}
