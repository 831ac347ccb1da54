import type { ConnectionPool } from '../pooled-driver.ts';
import { NOT_BEGUN } from './statements.ts';
import type { Writer } from './writer.ts';

/**
 * Whether a commit waits for the disk. Otherwise every process sees it at once, and it reaches the disk with the next
 * commit that waits.
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous
 */
type Durability = 'full' | 'normal';

export type SingleConnection = {
  readonly pool: (durability: Durability) => ConnectionPool<Writer>;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
};

/**
 * The one connection that writes, used by one caller after another.
 * @param start opens it, and opens another when it was lost
 */
export function singleConnection(start: () => Writer): SingleConnection {
  const waiting: (() => void)[] = [];
  const preamble = createPreamble();
  let writer = start();
  let isTaken = false;
  let isClosed = false;

  const acquire = async (durability: Durability) => {
    if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    isTaken = true;
    // The caller that had it when it was lost keeps the lost one: no statement of its transaction may run outside it.
    if (writer.isLost() && !isClosed) {
      writer = start();
      preamble.forgetDurability();
    }
    preamble.requireDurability(durability);
    return writer;
  };
  const release = () => {
    preamble.reset();
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  const run = async (taken: Writer, text: string, values: readonly unknown[]) => {
    if (preamble.holdsBack(text)) return { rows: [] };
    const failure = preamble.failure();
    if (failure !== null) throw failure;
    const lead = preamble.take();
    try {
      const { rows, changes } = await taken.run({ text, values, ...(lead.length > 0 && { lead }) });
      return changes === undefined ? { rows } : { rows, numAffectedRows: BigInt(changes) };
    } catch (error) {
      // Whether the pragma took effect is unknown.
      if (lead.length > 0) preamble.forgetDurability();
      if (error instanceof Error && NOT_BEGUN in error) preamble.fail(error);
      throw error;
    }
  };
  return {
    pool: (durability) => ({
      acquire: () => acquire(durability),
      run,
      begin: ['begin'],
      commit: async (taken) => {
        await run(taken, 'commit', []);
      },
      isConflict: () => false,
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
 * Statements that precede the work of a caller and return nothing: the pragma for its durability, where that changes, and
 * the beginning of its transaction. Each would cost a round trip to the writing thread, so they are sent with the first
 * statement that returns something, and with no later one: durability cannot change within a transaction.
 */
function createPreamble() {
  // A new connection has `full`; null where it is unknown.
  let current: Durability | null = 'full';
  let statements: readonly string[] = [];
  let failure: Error | null = null;
  return {
    requireDurability: (durability: Durability) => {
      statements = current === durability ? [] : [`pragma synchronous = ${durability}`];
      current = durability;
    },
    /** Whether a statement is held back: a beginning, or the rollback of one that was not sent. */
    holdsBack: (text: string): boolean => {
      // The transaction has not begun, so there is nothing to roll back.
      if (text === 'rollback' && failure !== null) return true;
      const isHeld = statements.includes('begin');
      if (text === 'begin') statements = [...statements, text];
      else if (text === 'rollback' && isHeld) statements = statements.filter((held) => held !== 'begin');
      else return false;
      return true;
    },
    take: (): readonly string[] => {
      const taken = statements;
      statements = [];
      return taken;
    },
    /** The transaction could not begin: further statements would each commit by themselves, so they are refused. */
    fail: (error: Error) => {
      failure = error;
    },
    failure: () => failure,
    /** The work is done; a pragma that was not sent has had no effect. */
    reset: () => {
      if (statements.length > 0) current = null;
      statements = [];
      failure = null;
    },
    /** The connection is a new one, or the outcome of the preamble is unknown. */
    forgetDurability: () => {
      current = null;
    },
  };
}
