import { createReadStream } from 'node:fs';

const CHUNK_BYTES = 4_000_000;

/**
 * Reads the file of a database, so that the operating system caches all of it: the server is measured, not the disk.
 */
export async function warmFile(path: string): Promise<void> {
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  for await (const _ of stream);
}
