import type { WorkerOptions } from 'node:worker_threads';

/**
 * How a thread of ours starts: without the flags of the program around it, which may not fit a thread, and without
 * its environment, which holds secrets. It gets only the folder of compiled sources; otherwise each thread of a
 * checkout would hold a compiler. What it makes is short-lived and little, so that it needs no large young generation.
 */
export function threadOptions(): WorkerOptions {
  const cache = process.env['NODE_COMPILE_CACHE'];
  return {
    execArgv: [],
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  };
}
