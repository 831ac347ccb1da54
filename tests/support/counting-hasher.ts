import { createHasher, FLOOR, type Hasher } from '../../src/features/passwords/index.ts';

/** The real hasher at the least permitted cost, counting what it did. */
export type CountingHasher = Hasher & { readonly counts: { hashes: number; verifications: number } };

export function createCountingHasher(): CountingHasher {
  const hasher = createHasher(FLOOR);
  const counts = { hashes: 0, verifications: 0 };
  return {
    ...hasher,
    counts,
    hash: async (password) => {
      const hash = await hasher.hash(password);
      counts.hashes += 1;
      return hash;
    },
    verify: async (hash, password) => {
      const isRight = await hasher.verify(hash, password);
      counts.verifications += 1;
      return isRight;
    },
  };
}
