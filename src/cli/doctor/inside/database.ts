import type { Database } from '../../../platform/sql/database.ts';
import type { GivenValues } from '../../../settings.ts';
import type { Check } from '../check.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, warning, fault } = findingsOf('database');

/** The database, opened; it may still turn out not to answer. */
export type OpenedDatabase = { readonly database: Database; readonly settings: GivenValues };

const ROUNDS = 5;

/** Every request of somebody signed in waits for one look-up at least. Milliseconds. */
const SLOW = 50;

/** Whether the database answers, and how fast. */
export const database: Check<OpenedDatabase> = {
  name: 'database',
  run: async ({ database: opened }) => [await look(opened)],
};

export const unmade: Finding = warning(
  'there is none yet',
  'start the server once, or run latchkey migrate, in the folder where it is to be',
);

async function look(opened: Database): Promise<Finding> {
  const times: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      await opened.ping();
      times.push(performance.now() - start);
    }
  } catch (error) {
    const reason = opened.explain(error) ?? 'it does not answer';
    return fault(reason, 'see that it runs, and that DATABASE_URL names its address, user and password');
  }
  const median = times.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
  const what = `${opened.location} answers in ${median.toFixed(1)} ms`;
  return median < SLOW
    ? ok(what)
    : warning(what, 'bring server and database closer together; most requests wait for it');
}
