import { randomInt } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { hashToken } from '../tokens.ts';

/** So many rows take turns that two at once seldom wait for each other. */
const ROWS = 64;
/** No counter is kept so long; retention leaves it alone. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/**
 * Writes something of no meaning, which costs what writing down an attempt on an account costs: where there is no such
 * account, the time that an answer takes must not tell (A02).
 */
export function createDecoyWrite({ queries, isUniqueViolation }: Database): () => Promise<void> {
  return async () => {
    const keyHash = hashToken(`nobody ${randomInt(ROWS)}`);
    const { numUpdatedRows } = await queries
      .updateTable('counters')
      .set({ count: randomInt(1, 2 ** 31) })
      .where('key_hash', '=', keyHash)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return;
    try {
      const row = { key_hash: keyHash, count: 0, expires_at: FOR_EVER, blocked_until: 0 };
      await queries.insertInto('counters').values(row).execute();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  };
}
