import { spreadOf } from '../statistics.ts';
import { compareServers, type Target } from './compare-servers.ts';
import type { Figure } from './figure.ts';

/** (d) The session check on databases of several sizes: how much slower the slowest is than the fastest. */
export async function measureGrowth(targets: readonly Target[]): Promise<Figure> {
  const measured = await compareServers(targets);
  const rounds = measured[0]?.perSecond.map((_, round) =>
    measured.map(({ perSecond }) => perSecond[round] ?? 0),
  );
  return {
    name: '(d) look-ups on the smallest ÷ on the largest database',
    measured: spreadOf((rounds ?? []).map((rates) => Math.max(...rates) / Math.min(...rates))),
    unit: '',
    goal: { atMost: 1.3 },
    absolute: measured.map(({ inWords }) => inWords).join('; '),
  };
}
