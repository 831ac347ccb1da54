import { createHasher, FLOOR, type Hasher, type Peppers } from '../../src/features/passwords/index.ts';

/** The real hasher at the least permitted cost, counting what it did. */
export type CountingHasher = Hasher & {
  readonly counts: { hashes: number; verifications: number };
  /** The hashes for whose lower price it made up. */
  readonly madeUp: string[];
  /** Lets no verification begin before `release`; `reached` settles once somebody waits for that. */
  readonly holdVerifications: () => { readonly reached: Promise<void>; readonly release: () => void };
};

// The same on every machine, so that what a test crowds together fits into the queue on each or on none.
const CORES = 2;

export function createCountingHasher(peppers: Peppers = []): CountingHasher {
  const hasher = createHasher(FLOOR, CORES, peppers);
  const counts = { hashes: 0, verifications: 0 };
  const madeUp: string[] = [];
  let whenVerifying = async () => {};
  return {
    ...hasher,
    counts,
    madeUp,
    makeUpFor: (hash, password, line) => {
      madeUp.push(hash);
      return hasher.makeUpFor(hash, password, line);
    },
    hash: async (password, line) => {
      const hash = await hasher.hash(password, line);
      counts.hashes += 1;
      return hash;
    },
    holdVerifications: () => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      whenVerifying = () => {
        reached.resolve();
        return released.promise;
      };
      return { reached: reached.promise, release: released.resolve };
    },
    verify: async (hash, password, line) => {
      await whenVerifying();
      const isRight = await hasher.verify(hash, password, line);
      counts.verifications += 1;
      return isRight;
    },
  };
}
