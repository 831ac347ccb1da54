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

async function run(writer: Writer, text: string, values: readonly unknown[]) {
  const { rows, changes } = await writer.run({ text, values });
  return changes === undefined ? { rows } : { rows, numAffectedRows: BigInt(changes) };
}
