import {
  type Hasher,
  type HashingThreads,
  type Peppers,
  thisThread,
} from '../../src/features/passwords/index.ts';
import { createCheapHasher } from '../../src/testing/cheap-hasher.ts';

/** The real hasher at a low cost and without threads, which counts its operations. */
export type CountingHasher = Hasher & {
  readonly counts: { hashes: number; verifications: number };
  /** The hashes whose lower cost it has equalised. */
  readonly madeUp: string[];
  /**
   * Lets the next `count` verifications begin only after `release`; `reached` settles once they wait. Later ones pass.
   */
  readonly holdVerifications: (count?: number) => Held;
  /** Blocks every hash before `release`; `reached` settles once `count` of them wait. */
  readonly holdHashes: (count?: number) => Held;
  /** Blocks every hash before `release`, so that the queue fills. */
  readonly holdThreads: (count?: number) => Held;
};

type Held = { readonly reached: Promise<void>; readonly release: () => void };

export function createCountingHasher(peppers: Peppers = []): CountingHasher {
  const computing = createHold();
  const threads: HashingThreads = {
    ...thisThread,
    run: async (job) => {
      await computing.pass();
      return thisThread.run(job);
    },
  };
  const hasher = createCheapHasher({ peppers, threads });
  const counts = { hashes: 0, verifications: 0 };
  const madeUp: string[] = [];
  const verifying = createHold();
  const hashing = createHold();
  return {
    ...hasher,
    counts,
    madeUp,
    makeUpFor: (hash, password, queueKey) => {
      madeUp.push(hash);
      return hasher.makeUpFor(hash, password, queueKey);
    },
    hash: async (password, queueKey) => {
      await hashing.pass();
      const hash = await hasher.hash(password, queueKey);
      counts.hashes += 1;
      return hash;
    },
    holdThreads: (count) => computing.begin(count),
    holdVerifications: (count = 1) => verifying.begin(count, count),
    holdHashes: (count) => hashing.begin(count),
    verify: async (hash, password, queueKey) => {
      await verifying.pass();
      const isRight = await hasher.verify(hash, password, queueKey);
      counts.verifications += 1;
      return isRight;
    },
  };
}

function createHold() {
  let pass = async () => {};
  return {
    pass: () => pass(),
    /** @param most the number of blocked ones; later ones pass */
    begin: (count = 1, most = Number.POSITIVE_INFINITY): Held => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      let waiting = 0;
      pass = () => {
        waiting += 1;
        if (waiting === count) reached.resolve();
        return waiting > most ? Promise.resolve() : released.promise;
      };
      return { reached: reached.promise, release: released.resolve };
    },
  };
}
