import { createHasher, FLOOR, type Hasher } from '../../src/features/passwords/index.ts';

/** The real hasher at the least permitted cost, counting what it is asked for. */
export type CountingHasher = Hasher & { readonly counts: { hashes: number; verifications: number } };

export function createCountingHasher(): CountingHasher {
  const hasher = createHasher(FLOOR);
  const counts = { hashes: 0, verifications: 0 };
  return {
    ...hasher,
    counts,
    hash: (password) => {
      counts.hashes += 1;
      return hasher.hash(password);
    },
    verify: (hash, password) => {
      counts.verifications += 1;
      return hasher.verify(hash, password);
    },
  };
}
