import type { Database, Queries } from './database.ts';
import { transact } from './transact.ts';

/** For mail that is written to nobody, and taken back. */
export const NOBODYS_ADDRESS = 'nobody@example.org';

/**
 * Does work in a transaction and takes it back. Where somebody asks about an account that is not there, it takes the
 * place of what is done for one that is: how busy the server is must not tell (A03).
 */
export async function inVain<Tables>(
  database: Database<Tables>,
  work: (transaction: Queries<Tables>) => Promise<unknown>,
): Promise<void> {
  await transact(database, async (transaction) => {
    await work(transaction);
    return { ok: false };
  });
}
