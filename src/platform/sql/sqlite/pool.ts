import type { ConnectionPool } from '../pooled-driver.ts';
import { NOT_BEGUN } from './statements.ts';
import type { Writer } from './writer.ts';

/**
 * Whether a commit waits for the disk. Without, it is in the file for every process at once, and on the disk with the next
 * commit that waits.
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous
 */
type Durability = 'full' | 'normal';

/** A pool of one, and how to close it. */
export type SingleConnection = {
  readonly pool: (durability: Durability) => ConnectionPool<Writer>;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
};

/**
 * The one connection that writes, handed to one piece of work after another.
 * @param start makes it, and makes another when it was lost
 */
export function singleConnection(start: () => Writer): SingleConnection {
  const waiting: (() => void)[] = [];
  const openings = createOpenings();
  let writer = start();
  let isTaken = false;
  let isClosed = false;

  const acquire = async (durability: Durability) => {
    if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    isTaken = true;
    // Whoever had it when it was lost keeps the lost one, so that no statement of theirs runs outside its transaction.
    if (writer.isLost() && !isClosed) {
      writer = start();
      openings.forget();
    }
    openings.wish(durability);
    return writer;
  };
  const release = () => {
    openings.drop();
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  const run = async (taken: Writer, text: string, values: readonly unknown[]) => {
    if (openings.defers(text)) return { rows: [] };
    const refusal = openings.refusal();
    if (refusal !== null) throw refusal;
    const lead = openings.take();
    try {
      const { rows, changes } = await taken.run({ text, values, ...(lead.length > 0 && { lead }) });
      return changes === undefined ? { rows } : { rows, numAffectedRows: BigInt(changes) };
    } catch (error) {
      // Nobody knows how far it came.
      if (lead.length > 0) openings.forget();
      if (error instanceof Error && NOT_BEGUN in error) openings.refuse(error);
      throw error;
    }
  };
  return {
    pool: (durability) => ({
      acquire: () => acquire(durability),
      run,
      commit: async (taken) => {
        await run(taken, 'commit', []);
      },
      isFatal: () => false,
      release,
      discard: release,
    }),
    isClosed: () => isClosed,
    close: async () => {
      isClosed = true;
      await writer.close();
    },
  };
}

/**
 * What opens a piece of work and gives nothing: the durability that it wants, where that is another one than of the work
 * before, and the beginning of its transaction. Each would be a way to the writing thread and back; so they go with the
 * first statement that gives something, and with no later one: within a transaction the durability cannot change.
 */
function createOpenings() {
  // Of a connection that nobody has told otherwise; null where nobody knows.
  let standing: Durability | null = 'full';
  let opening: readonly string[] = [];
  let refusal: Error | null = null;
  return {
    wish: (wanted: Durability) => {
      opening = standing === wanted ? [] : [`pragma synchronous = ${wanted}`];
      standing = wanted;
    },
    /** Whether a statement waits for the next one, or takes back a beginning that waits. */
    defers: (text: string): boolean => {
      // Nothing has begun, so there is nothing to take back.
      if (text === 'rollback' && refusal !== null) return true;
      const isWaiting = opening.includes('begin');
      if (text === 'begin') opening = [...opening, text];
      else if (text === 'rollback' && isWaiting) opening = opening.filter((waiting) => waiting !== 'begin');
      else return false;
      return true;
    },
    take: (): readonly string[] => {
      const lead = opening;
      opening = [];
      return lead;
    },
    /** Its transaction could not begin: whatever comes of this work would be kept by itself, so it is refused. */
    refuse: (error: Error) => {
      refusal = error;
    },
    refusal: () => refusal,
    /** The work is over; what it never came to say was not said. */
    drop: () => {
      if (opening.length > 0) standing = null;
      opening = [];
      refusal = null;
    },
    /** The connection is another one, or nobody knows how far it came. */
    forget: () => {
      standing = null;
    },
  };
}
