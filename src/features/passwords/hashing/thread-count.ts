import type { HashParameters } from './parameters.ts';

/** What the process needs beside its hashing threads, and each of them beside its hash, in bytes (measured, and more). */
const OWN_MEMORY = 240 * 1024 * 1024;
const MEMORY_OF_THREAD = 6 * 1024 * 1024;

/**
 * How many hashes may be computed at once: one for each core, but no more than fit into the memory that the process may
 * have. A container is often given less memory than its machine has cores for, and is ended where it takes more.
 * @param limit in bytes; 0 where there is none
 */
export function threadsFor({ memoryKibibytes }: HashParameters, cores: number, limit: number): number {
  if (limit === 0) return cores;
  const fitting = Math.floor((limit - OWN_MEMORY) / (memoryKibibytes * 1024 + MEMORY_OF_THREAD));
  return Math.max(1, Math.min(cores, fitting));
}
