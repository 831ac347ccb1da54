import type { Resources } from '../../../platform/runtime/index.ts';
import type { HashParameters } from './parameters.ts';

const MEBIBYTE = 1024 * 1024;

/** What the process needs beside its hashing threads, and each of them beside its hash, in bytes (measured, and more). */
const OWN_MEMORY = 240 * MEBIBYTE;
const MEMORY_OF_THREAD = 6 * MEBIBYTE;

/** What the process needs at the least to start, in bytes. */
const LEAST_OWN_MEMORY = 100 * MEBIBYTE;

/**
 * How many hashes may be computed at once: one for each core, but no more than fit into the memory that the process may
 * have. A container is often given less memory than its machine has cores for, and is ended where it takes more.
 */
export function threadsFor(parameters: HashParameters, { cores, memory }: Resources): number {
  const fitting = Math.floor((memory - OWN_MEMORY) / memoryOfEach(parameters));
  return Math.max(1, Math.min(cores, fitting));
}

/** What hashing takes of what the process may use; memory is in MiB. */
export type HashingPlan = {
  readonly threads: number;
  /** Of the whole process, with all threads at work. */
  readonly memory: number;
  /** What the process may have. */
  readonly allowed: number;
  /** Whether it fits: not at all, so that the first hash would end the process; hardly; or well. */
  readonly fits: 'not' | 'hardly' | 'well';
};

/** Plans the hashing of a process, for the operator who decides how much it may use. */
export function planHashing(parameters: HashParameters, resources: Resources): HashingPlan {
  const threads = threadsFor(parameters, resources);
  const each = memoryOfEach(parameters);
  const needed = OWN_MEMORY + threads * each;
  const isPossible = LEAST_OWN_MEMORY + each <= resources.memory;
  return {
    threads,
    memory: Math.ceil(needed / MEBIBYTE),
    allowed: Math.floor(resources.memory / MEBIBYTE),
    fits: needed <= resources.memory ? 'well' : isPossible ? 'hardly' : 'not',
  };
}

function memoryOfEach({ memoryKibibytes }: HashParameters): number {
  return memoryKibibytes * 1024 + MEMORY_OF_THREAD;
}

/** Why a plan does not fit, with both figures; null where it does. */
export function describeShortage({ threads, memory, allowed, fits }: HashingPlan): string | null {
  if (fits === 'well') return null;
  const hashes = threads === 1 ? 'one hash' : `${threads} hashes at once`;
  return `${hashes} and the rest of the process can take ${memory} MiB, and it may have ${allowed} MiB`;
}
