import { SECOND } from '../runtime/index.ts';
import type { ConnectionPool } from './pooled-driver.ts';

/** Thrown by `ping`: the server answers, and changes nothing. Its message is one line for the operator. */
export class WritesRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WritesRefused';
  }
}

/** How an engine says that it cannot write. */
export type WriteFaults = {
  /** The server of this connection only reads: a standby, or a former primary. Another may be the primary now. */
  readonly isReadOnly: (error: unknown) => boolean;
  /** Nothing can be stored, such as on a full disk. */
  readonly isStorageFault: (error: unknown) => boolean;
};

/** What the pools of one database know about writes that failed. */
export type WriteWatch = {
  /**
   * The same pool, which discards the connections that it knows once one of them was refused a write: after a failover
   * all of them may lead to the former primary, and those that only read would go on with what it has.
   * @param identify what stays the same in each use of a connection
   */
  readonly watch: <Connection extends object>(
    pool: ConnectionPool<Connection>,
    identify?: (connection: Connection) => object,
  ) => ConnectionPool<Connection>;
  /** Notes the error of work that the pools do not run; those that are not about writing are ignored. */
  readonly noting: <Result>(work: Promise<Result>) => Promise<Result>;
  /** Writes something if a write has failed since the last one that this function made; throws when it fails again. */
  readonly retry: (write: () => Promise<void>) => Promise<void>;
};

// Opening connections again costs the server time, so a server that stays read-only gets a new set at most this often.
const DISCARD_INTERVAL = SECOND;

export function createWriteWatch({ isReadOnly, isStorageFault }: WriteFaults): WriteWatch {
  // The generation in which a connection was first used; one of an earlier generation is not used again.
  const generations = new WeakMap<object, number>();
  let generation = 0;
  let isRefused = false;
  let lastDiscard = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let retriedFailures = 0;

  const note = (error: unknown) => {
    const isRefusal = isReadOnly(error);
    if (isRefusal) isRefused = true;
    if (isRefusal || isStorageFault(error)) failures += 1;
  };
  const startGeneration = () => {
    const now = performance.now();
    if (!isRefused || now - lastDiscard < DISCARD_INTERVAL) return;
    generation += 1;
    lastDiscard = now;
    isRefused = false;
  };
  const isStale = (identity: object) => {
    const known = generations.get(identity);
    if (known === undefined) generations.set(identity, generation);
    return known !== undefined && known !== generation;
  };
  const noting = async <Result>(work: Promise<Result>) => {
    try {
      return await work;
    } catch (error) {
      note(error);
      throw error;
    }
  };
  return {
    watch: (pool, identify = (connection) => connection) => ({
      ...pool,
      acquire: async () => {
        startGeneration();
        for (;;) {
          const connection = await pool.acquire();
          if (!isStale(identify(connection))) return connection;
          pool.discard(connection);
        }
      },
      run: (connection, text, values) => noting(pool.run(connection, text, values)),
      commit: (connection) => noting(pool.commit(connection)),
      isFatal: (error) => isReadOnly(error) || pool.isFatal(error),
      release: (connection) => {
        if (isStale(identify(connection))) pool.discard(connection);
        else pool.release(connection);
      },
    }),
    noting,
    retry: async (write) => {
      const known = failures;
      if (known === retriedFailures) return;
      await write();
      retriedFailures = known;
    },
  };
}
