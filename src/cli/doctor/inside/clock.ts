import { serverTime } from '../../../platform/sql/server-time.ts';
import type { Check } from '../check.ts';
import type { OpenedDatabase } from './database.ts';
import { judgeSkew } from './skew.ts';

/** Whether this machine's clock and the database's agree. Times in the database are those of the nodes' clocks. */
export const clock: Check<OpenedDatabase> = {
  name: 'clock',
  run: async ({ database }) => {
    const before = Date.now();
    const theirs = await serverTime(database);
    // The answer was made somewhere between.
    return [judgeSkew(theirs === null ? null : theirs - (before + Date.now()) / 2)];
  },
};
