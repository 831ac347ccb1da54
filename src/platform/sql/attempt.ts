import type { Database, Queries } from './database.ts';

/** Thrown out of a transaction whose change is not to be made after all: nothing of it is kept. */
export class Abandoned extends Error {}

/**
 * Runs `work` in one transaction, which it may abandon.
 * @param meansTheSame tells which other errors are no defect here, such as that somebody else has what is unique
 * @returns what it gives, or null where nothing was kept
 */
export async function attempt<Tables, Result>(
  database: Database<Tables>,
  work: (transaction: Queries<Tables>) => Promise<Result>,
  meansTheSame: (error: unknown) => boolean = () => false,
): Promise<Result | null> {
  try {
    return await database.transaction(work);
  } catch (error) {
    if (error instanceof Abandoned || meansTheSame(error)) return null;
    throw error;
  }
}
