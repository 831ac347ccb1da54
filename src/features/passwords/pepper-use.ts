import type { Database } from '../../auth/schema.ts';
import { createPeppers } from './hashing/peppers.ts';
import { countHashes } from './store.ts';

/** The number of stored hashes for each pepper. */
export type PepperUse = {
  readonly hashes: number;
  readonly withNewest: number;
  /** Verifiable, and replaced at the next sign-in. */
  readonly withOlder: number;
  /** Made with a pepper that is not known: no user can sign in with these. */
  readonly lost: number;
};

/** Counts, reading every hash once for each pepper. @param secrets the newest first */
export async function pepperUse({ queries }: Database, secrets: readonly string[]): Promise<PepperUse> {
  const { all: hashes, named: peppered } = await countHashes(queries, null);
  const [withNewest = 0, ...older] = await countEach();
  const withOlder = older.reduce((sum, count) => sum + count, 0);
  return { hashes, withNewest, withOlder, lost: peppered - withNewest - withOlder };

  async function countEach(): Promise<readonly number[]> {
    const counts: number[] = [];
    for (const { id } of createPeppers(secrets)) counts.push((await countHashes(queries, id)).named);
    return counts;
  }
}
