import type { ConnectionPool } from '../pooled-driver.ts';
import type { Writer } from './writer.ts';

/** A pool of one, and how to close it. */
export type SingleConnection = {
  readonly pool: ConnectionPool<Writer>;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
};

/**
 * The one connection that writes, handed to one piece of work after another.
 * @param start makes it, and makes another when it was lost
 */
export function singleConnection(start: () => Writer): SingleConnection {
  const waiting: (() => void)[] = [];
  let writer = start();
  let isTaken = false;
  let isClosed = false;

  const acquire = async () => {
    if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    isTaken = true;
    // Whoever had it when it was lost keeps the lost one, so that no statement of theirs runs outside its transaction.
    if (writer.isLost() && !isClosed) writer = start();
    return writer;
  };
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  return {
    pool: {
      acquire,
      run,
      commit: async (taken) => {
        await run(taken, 'commit', []);
      },
      isFatal: () => false,
      release,
      discard: release,
    },
    isClosed: () => isClosed,
    close: async () => {
      isClosed = true;
      await writer.close();
    },
  };
}

/**
 * The same connection, for transactions whose commit does not wait for the disk: they are in the file for every process
 * at once, and on the disk with the next commit that waits.
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function withoutWaitingForDisk(pool: ConnectionPool<Writer>): ConnectionPool<Writer> {
  // Not waited for, as the writer runs what it is given in order. Where it fails, the next commits wait; that is all.
  const set = (writer: Writer, level: string) => {
    pool.run(writer, `pragma synchronous = ${level}`, []).catch(() => {});
  };
  return {
    ...pool,
    acquire: async () => {
      const writer = await pool.acquire();
      set(writer, 'normal');
      return writer;
    },
    release: (writer) => {
      set(writer, 'full');
      pool.release(writer);
    },
  };
}

async function run(writer: Writer, text: string, values: readonly unknown[]) {
  const { rows, changes } = await writer.run({ text, values });
  return changes === undefined ? { rows } : { rows, numAffectedRows: BigInt(changes) };
}
