import { createHasher, FLOOR, type Hasher, type Peppers } from '../../src/features/passwords/index.ts';

/** The real hasher at the least permitted cost, counting what it did. */
export type CountingHasher = Hasher & {
  readonly counts: { hashes: number; verifications: number };
  /** The hashes for whose lower price it made up. */
  readonly madeUp: string[];
  /** Lets no verification begin before `release`; `reached` settles once somebody waits for that. */
  readonly holdVerifications: () => Held;
  /** The same for hashes that are made. */
  readonly holdHashes: () => Held;
};

type Held = { readonly reached: Promise<void>; readonly release: () => void };

// The same on every machine, so that what a test crowds together fits into the queue on each or on none.
const CORES = 2;

export function createCountingHasher(peppers: Peppers = []): CountingHasher {
  const hasher = createHasher(FLOOR, CORES, peppers);
  const counts = { hashes: 0, verifications: 0 };
  const madeUp: string[] = [];
  const verifying = createHold();
  const hashing = createHold();
  return {
    ...hasher,
    counts,
    madeUp,
    makeUpFor: (hash, password, line) => {
      madeUp.push(hash);
      return hasher.makeUpFor(hash, password, line);
    },
    hash: async (password, line) => {
      await hashing.pass();
      const hash = await hasher.hash(password, line);
      counts.hashes += 1;
      return hash;
    },
    holdVerifications: verifying.begin,
    holdHashes: hashing.begin,
    verify: async (hash, password, line) => {
      await verifying.pass();
      const isRight = await hasher.verify(hash, password, line);
      counts.verifications += 1;
      return isRight;
    },
  };
}

function createHold() {
  let pass = async () => {};
  return {
    pass: () => pass(),
    begin: (): Held => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      pass = () => {
        reached.resolve();
        return released.promise;
      };
      return { reached: reached.promise, release: released.resolve };
    },
  };
}
