import type { Database, Queries } from './database.ts';

/** Thrown out of a transaction whose work was refused, so that nothing of it is kept. */
class RolledBack extends Error {}

export type Conflict = { readonly ok: false; readonly reason: 'conflict' };

/** Another request was faster, or what a change rests on is no longer as it was. */
export const CONFLICT: Conflict = { ok: false, reason: 'conflict' };

/**
 * Runs `work` in one transaction and keeps nothing of it unless its result is `ok`.
 * @param isConflict recognises errors that are no defect here, such as a value that must be unique and is taken by now
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
