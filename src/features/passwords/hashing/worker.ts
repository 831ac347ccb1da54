import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { runHashingJob } from './job.ts';
import type { HashingJob } from './threads.ts';

// The lowest there is. At 10 the event loop waited longer for a core: in a flood the slowest hundredth of session checks
// took 5 ms instead of 3, at the same rate of sign-ins.
const NICENESS = 19;

/** One hashing thread: it takes a job, does it, and answers, one after the other. */
function serve(port: NonNullable<typeof parentPort>): void {
  port.on('message', (job: HashingJob) => port.postMessage(runHashingJob(job)));
}

// On Linux this moves this thread alone: signed-in users are served before a flood of sign-ins.
function yieldToOthers(): void {
  try {
    if (process.platform === 'linux') setPriority(0, NICENESS);
  } catch {
    // A sandbox may forbid it; hashing works all the same.
  }
}

if (parentPort !== null) {
  yieldToOthers();
  serve(parentPort);
}
