import type { AuditRecord } from './record.ts';

/** Records that are not written yet, in the order in which they came. */
export type Waiting = ReturnType<typeof createWaiting>;

/** About 10 MB. */
const MOST_WAITING = 10_000;

/** The sizes of batches, so that there are few different statements for the engines to keep ready. */
const SIZES = [64, 32, 16, 8, 4, 2, 1];

/** @param most how many may wait; what comes when so many do is lost, and counted */
export function createWaiting(most: number = MOST_WAITING) {
  let queue: AuditRecord[] = [];
  /** What was taken out of the queue and is not written; a batch that is tried again must be the very same. */
  let batches: (readonly AuditRecord[])[] = [];
  let lost = 0;
  const count = () => queue.length + batches.reduce((sum, { length }) => sum + length, 0);
  return {
    count,
    add: (record: AuditRecord): void => {
      if (count() < most) queue.push(record);
      else lost += 1;
    },
    /** The batch that is to be written next; null when nothing waits. It stays the next one until it is done or refused. */
    next: (): readonly AuditRecord[] | null => {
      const size = SIZES.find((one) => one <= queue.length);
      if (batches.length === 0 && size !== undefined) {
        batches = [queue.slice(0, size)];
        queue = queue.slice(size);
      }
      return batches[0] ?? null;
    },
    /** The next one is written. */
    done: (): void => {
      batches.shift();
    },
    /** The next one is refused for what is in it: its halves are tried by themselves, and a single record is lost. */
    refused: (): void => {
      const batch = batches.shift() ?? [];
      const middle = Math.floor(batch.length / 2);
      if (middle === 0) lost += batch.length;
      else batches.unshift(batch.slice(0, middle), batch.slice(middle));
    },
    /** How many were lost since this was asked last. */
    takeLost: (): number => {
      const told = lost;
      lost = 0;
      return told;
    },
  };
}
