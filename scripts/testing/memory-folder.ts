import { statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';

/** What a whole run puts there at once, doubled. Bytes. */
const ROOM = 4 * 1024 ** 3;

/**
 * A folder in memory with room for a whole run, or null. Each commit of a database waits for the disk, which is most of
 * what tests would wait for; no test is about a power cut.
 */
export function memoryFolder(): string | null {
  try {
    const { bavail, bsize } = statfsSync(FOLDER);
    return Math.min(bavail * bsize, process.availableMemory()) < ROOM ? null : FOLDER;
  } catch {
    return null;
  }
}
