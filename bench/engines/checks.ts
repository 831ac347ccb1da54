import { z } from 'zod';
import type { Figure } from '../figures/figure.ts';
import { runRounds } from '../figures/rounds.ts';
import { percentile, ratios, spreadOf } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';

const AT_ONCE = 32;
const ROUNDS = 11;
const ROUND_MILLISECONDS = 500;

const answer = z.object({ count: z.number(), milliseconds: z.number() });

/** A database that contains users. */
export type FilledDatabase = { readonly name: string; readonly url: string; readonly users: number };

type Contender = 'ours' | 'bare';

function contenderOf(subject: Subject, contender: Contender, { url, users }: FilledDatabase) {
  return async () => {
    const order = { contender, url, users, atOnce: AT_ONCE, milliseconds: ROUND_MILLISECONDS };
    const { count, milliseconds } = await subject.ask(order, answer);
    return (count * 1_000) / milliseconds;
  };
}

/** (e) The session check through the code of the project ÷ the same statement sent by the bare driver. */
export async function measureChecks(
  subject: Subject,
  database: FilledDatabase,
  goal: number,
): Promise<Figure> {
  const contenders = (['ours', 'bare'] as const).map((contender) =>
    contenderOf(subject, contender, database),
  );
  const [ours = [], bare = []] = await runRounds(contenders, ROUNDS);
  return {
    name: `(e) session checks on ${database.name}, ${AT_ONCE} at once ÷ the bare driver`,
    measured: spreadOf(ratios(ours, bare)),
    unit: '',
    goal: { atLeast: goal },
    absolute: `${thousands(ours)}/s; bare ${thousands(bare)}/s`,
  };
}

/** (f) The cost of a session check with many users ÷ with few users. */
export async function measureGrowthOnServer(
  subject: Subject,
  few: FilledDatabase,
  many: FilledDatabase,
): Promise<Figure> {
  const [atFew = [], atMany = []] = await runRounds(
    [few, many].map((database) => contenderOf(subject, 'ours', database)),
    ROUNDS,
  );
  return {
    name: `(f) cost of a session check on ${many.name}, ${many.users.toLocaleString('en')} users ÷ ${few.users.toLocaleString('en')}`,
    measured: spreadOf(ratios(atFew, atMany)),
    unit: '',
    goal: { limitTo: 1.3 },
    absolute: `${thousands(atMany)}/s; ${thousands(atFew)}/s`,
  };
}

function thousands(values: readonly number[]): string {
  return `${(percentile(values, 50) / 1_000).toFixed(1)} k`;
}
