import {
  createHasher,
  type Hasher,
  type HasherOptions,
  type HashParameters,
  thisThread,
} from '../features/passwords/index.ts';

/**
 * The cost of a password hash in tests: Argon2id, as in production, in a tenth of a millisecond. No setting goes below the
 * floor of `PASSWORD_HASH`; this function is handed to a system by tests alone.
 */
const TEST_HASH_COST: HashParameters = { memoryKibibytes: 128, passes: 2, lanes: 1 };

// The same on every machine, so that the requests of a test either fit into the queue on every machine or on none.
const CORES = 2;

/** Hashes passwords as in production, at a cost that protects nothing. */
export function createCheapHasher(options: Pick<HasherOptions, 'peppers' | 'threads'> = {}): Hasher {
  return createHasher(TEST_HASH_COST, { cores: CORES, threads: thisThread, ...options });
}
