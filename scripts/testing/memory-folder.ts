import { statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';

/** Twice the most that a complete run stores there at once. Bytes. */
const ROOM = 4 * 1024 ** 3;

/**
 * A folder in memory with room for a complete run, or null. Each commit of a database waits for the disk, which would
 * be most of the waiting time of tests; no test is about a power failure.
 */
export function memoryFolder(): string | null {
  try {
    const { bavail, bsize } = statfsSync(FOLDER);
    return Math.min(bavail * bsize, process.availableMemory()) < ROOM ? null : FOLDER;
  } catch {
    return null;
  }
}
