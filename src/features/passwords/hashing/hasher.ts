import { randomBytes } from 'node:crypto';
import {
  createAdmission,
  type Priority,
  type QueueKey,
  readResources,
} from '../../../platform/runtime/index.ts';
import type { HashingLoad, ObserveHash } from './metrics.ts';
import {
  formatParameters,
  type HashParameters,
  isWeaker,
  missingPasses,
  storedParameters,
} from './parameters.ts';
import { type Peppers, pepperIdOf, withPepperId } from './peppers.ts';
import { threadsFor } from './thread-count.ts';
import { createHashingThreads, type HashingJob, type HashingThreads } from './threads.ts';

/**
 * Hashes that may wait for each one that is computed. With hashes of some ten milliseconds the last one waits about a third
 * of a second; later ones are refused, which costs next to nothing.
 */
const WAITING_FOR_EACH = 32;

/** Argon2id behind a bounded queue. Passwords are given as they are to be hashed: normalised, not too long. */
export type Hasher = {
  /** @returns the hash as a PHC string @throws {Overloaded} when too many wait already */
  readonly hash: (password: string, queueKey?: QueueKey) => Promise<string>;
  /**
   * Does its full work also where the hash's pepper is not known, and then says no.
   * @throws {Overloaded} when too many wait already
   */
  readonly verify: (hash: string, password: string, queueKey?: QueueKey) => Promise<boolean>;
  /** Whether a hash was made with weaker parameters than today's, or not with today's pepper. */
  readonly isOutdated: (hash: string) => boolean;
  /** Whether a hash can be verified at all: the pepper that it was made with is known, or it has none. */
  readonly isPepperKnown: (hash: string) => boolean;
  /** Does the work that verifying an outdated hash saved against one of today's; nothing where it saved none. */
  readonly makeUpFor: (hash: string, password: string, queueKey?: QueueKey) => Promise<void>;
  /** A hash that no password matches and that costs as much as any to verify, for accounts that are not there. */
  readonly decoy: string;
  /** Whether a line has no place left for another owner. */
  readonly isFull: (line?: Priority) => boolean;
  /** How many hashes the threads have, and how many wait in line for that. */
  readonly load: () => HashingLoad;
  readonly close: () => Promise<void>;
};

export type HasherOptions = {
  /** How many hashes are computed at once. More than there are cores would only make each wait longer, and fill memory. */
  readonly cores?: number;
  /** The newest first, which new hashes get; none where the list is empty. */
  readonly peppers?: Peppers;
  /** Called for every hash that was computed or verified. */
  readonly observe?: ObserveHash | null;
  /** What computes the hashes. */
  readonly threads?: HashingThreads;
};

/** @param parameters what a new hash costs; stored ones keep their own until they are made again */
export function createHasher(parameters: HashParameters, options: HasherOptions = {}): Hasher {
  const { cores = threadsFor(parameters, readResources()), peppers = [], observe = null } = options;
  const threads = options.threads ?? createHashingThreads(cores);
  // Each thread has its next job at hand, so that it goes on while the event loop is busy or waits for the disk.
  const admission = createAdmission({ atOnce: 2 * cores, waiting: cores * (WAITING_FOR_EACH - 1) });
  const [current] = peppers;
  const keyFor = keysById(peppers);
  const queue = (job: HashingJob, queueKey?: QueueKey) => admission.run(() => threads.run(job), queueKey);
  const run = observe === null ? queue : observed(queue, observe);
  const verify = async (hash: string, password: string, queueKey?: QueueKey) => {
    const pepper = keyFor(pepperIdOf(hash));
    return (await run({ operation: 'verify', password, pepper, hash }, queueKey)) === true;
  };
  const decoyOf = (cost: HashParameters) => withPepperId(decoyHash(cost), current);
  return {
    hash: async (password, queueKey) => {
      const job = { operation: 'hash', password, pepper: current?.key, parameters } as const;
      return withPepperId(String(await run(job, queueKey)), current);
    },
    verify,
    makeUpFor: async (hash, password, queueKey) => {
      const passes = missingPasses(storedParameters(hash), parameters);
      if (passes > 0) await verify(decoyOf({ ...parameters, passes }), password, queueKey);
    },
    isOutdated: (hash) => {
      const stored = storedParameters(hash);
      return stored === null || isWeaker(stored, parameters) || pepperIdOf(hash) !== (current?.id ?? null);
    },
    isPepperKnown: (hash) => isKnown(peppers, pepperIdOf(hash)),
    decoy: decoyOf(parameters),
    isFull: admission.isFull,
    load: admission.load,
    close: threads.close,
  };
}

type Run = (job: HashingJob, queueKey?: QueueKey) => Promise<string | boolean>;

function observed(run: Run, observe: ObserveHash): Run {
  return async (job, queueKey) => {
    const start = performance.now();
    const result = await run(job, queueKey);
    observe(job.operation, performance.now() - start);
    return result;
  };
}

function isKnown(peppers: Peppers, id: string | null): boolean {
  return id === null || peppers.some((pepper) => pepper.id === id);
}

/** Finds the key of a pepper. For a lost one it gives a random decoy key: the cost is the same (A02). */
function keysById(peppers: Peppers): (id: string | null) => Uint8Array | undefined {
  const nobodys = randomBytes(32);
  const keys = new Map(peppers.map(({ id, key }) => [id, key]));
  return (id) => (id === null ? undefined : (keys.get(id) ?? nobodys));
}

// The password verifier's work depends on the parameters and the lengths alone, so random bytes serve.
function decoyHash(parameters: HashParameters): string {
  const salt = unpadded(randomBytes(16));
  const output = unpadded(randomBytes(32));
  return `$argon2id$v=19$${formatParameters(parameters)}$${salt}$${output}`;
}

// PHC strings carry base64 without padding.
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
