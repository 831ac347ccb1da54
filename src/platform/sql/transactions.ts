import { AsyncLocalStorage } from 'node:async_hooks';
import { randomInt } from 'node:crypto';
import { systemPause } from '../runtime/index.ts';
import type { Database, Queries, Reference } from './database.ts';

/** Rolls back a transaction whose work returned a refusal. */
class RolledBack extends Error {}

export type Conflict = { readonly ok: false; readonly reason: 'conflict' };

/** A concurrent request was first, or the precondition of a change no longer holds. */
export const CONFLICT: Conflict = { ok: false, reason: 'conflict' };

/**
 * Runs `work` in one transaction, which is rolled back unless its result is `ok`.
 * @param isConflict recognises errors that are expected, such as a unique violation
 */
export async function transact<Tables, Result extends { readonly ok: boolean }>(
  database: Database<Tables>,
  work: (transaction: Queries<Tables>) => Promise<Result>,
  isConflict: (error: unknown) => boolean = () => false,
): Promise<Result | Conflict> {
  let refused: Result | Conflict = CONFLICT;
  try {
    return await database.transaction(async (transaction) => {
      const result = await work(transaction);
      if (result.ok) return result;
      refused = result;
      throw new RolledBack();
    });
  } catch (error) {
    if (error instanceof RolledBack) return refused;
    if (isConflict(error)) return CONFLICT;
    throw error;
  }
}

export type Deletion =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not-found' }
  /** Another table refers to the row, and its foreign key refuses. */
  | { readonly ok: false; readonly reason: 'referenced'; readonly by: Reference };

/**
 * Deletes in one transaction, which is rolled back unless `work` deleted something. A foreign key that refuses is an
 * expected failure: applications refer to rows of Latchkey.
 */
export async function transactDeletion<Tables>(
  database: Database<Tables>,
  work: (transaction: Queries<Tables>) => Promise<boolean>,
): Promise<Deletion> {
  try {
    const { ok } = await transact(database, async (transaction) => ({ ok: await work(transaction) }));
    return ok ? { ok } : { ok, reason: 'not-found' };
  } catch (error) {
    const by = await database.refusedBy(error);
    if (by === null) throw error;
    return { ok: false, reason: 'referenced', by };
  }
}

/** Runs `work` in a transaction and rolls it back: a timing decoy that costs what the real work costs (A03). */
export async function runAndRollBack<Tables>(
  database: Database<Tables>,
  work: (transaction: Queries<Tables>) => Promise<unknown>,
): Promise<void> {
  await transact(database, async (transaction) => {
    await work(transaction);
    return { ok: false };
  });
}

// One of two transactions in conflict always commits, so a few attempts suffice; in a Galera cluster, each of the other
// nodes can be the first several times. An endless conflict must still fail.
const MAX_ATTEMPTS = 12;

/** The longest pause before the third attempt, in milliseconds; it doubles with each one, so that the others can commit. */
const PAUSE = 8;
const MAX_PAUSE = 250;

/** From this attempt on, work of this process runs one after the other: it would only be in conflict with itself again. */
const FIRST_IN_TURN = 4;

const turns = new AsyncLocalStorage<'in turn'>();
let lastInTurn: Promise<unknown> = Promise.resolve();

function runInTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  // Work that is part of work in turn would wait for itself.
  if (turns.getStore() !== undefined) return work();
  const result = lastInTurn.then(() => turns.run('in turn', work));
  lastInTurn = result.catch(() => {});
  return result;
}

/** Runs `work` again when the engine rolled it back because of a conflict, such as a deadlock. */
export async function retryConflicts<Result>(
  isConflict: (error: unknown) => boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await (attempt < FIRST_IN_TURN ? work() : runInTurn(work));
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isConflict(error)) throw error;
    }
    if (attempt > 1) await systemPause(randomInt(Math.min(MAX_PAUSE, PAUSE * 2 ** (attempt - 2))));
  }
}
