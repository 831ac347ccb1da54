import type { Figure } from '../figures/figure.ts';
import { runRounds } from '../figures/rounds.ts';
import { sessionCaller } from '../load/caller.ts';
import { callInTurn } from '../load/loops.ts';
import { percentile, ratios, spreadOf } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';

const CONNECTIONS = 48;
const ROUNDS = 9;
const ROUND_MILLISECONDS = 600;

/** (g) Session checks over HTTP on several nodes of one database ÷ on one of them. */
export async function measureNodes(nodes: readonly Subject[], tokens: Buffer): Promise<Figure> {
  const callersOn = (subjects: readonly Subject[]) =>
    Promise.all(
      Array.from({ length: CONNECTIONS }, (_, index) => {
        const { port = 0 } = subjects[index % subjects.length] ?? {};
        return sessionCaller(port, tokens);
      }),
    );
  const [onAll, onOne] = [await callersOn(nodes), await callersOn(nodes.slice(0, 1))];
  const [all = [], one = []] = await runRounds(
    [onAll, onOne].map(
      (callers) => async () => (await callInTurn(callers, ROUND_MILLISECONDS, 200)).perSecond,
    ),
    ROUNDS,
  );
  for (const { close } of [...onAll, ...onOne]) close();
  return {
    name: `(g) session look-ups over HTTP on ${nodes.length} nodes of one PostgreSQL ÷ on one`,
    measured: spreadOf(ratios(all, one)),
    unit: '',
    goal: null,
    absolute: `${percentile(all, 50).toFixed(0)}/s; ${percentile(one, 50).toFixed(0)}/s`,
  };
}
