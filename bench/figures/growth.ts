import { ratios, spreadOf } from '../statistics.ts';
import { compareServers, type Target } from './compare-servers.ts';
import type { Figure } from './figure.ts';

/**
 * (d) The session check on databases of several sizes: how much slower it is on the largest than on the smallest.
 * @param targets the smallest first, the largest last
 */
export async function measureGrowth(targets: readonly Target[]): Promise<Figure> {
  const measured = await compareServers(targets);
  const [smallest, largest] = [measured.at(0), measured.at(-1)];
  if (smallest === undefined || largest === undefined) throw new Error('there are no sizes to compare');
  return {
    name: '(d) look-ups on the smallest ÷ on the largest database',
    measured: spreadOf(ratios(smallest.perSecond, largest.perSecond)),
    unit: '',
    goal: { limitTo: 1.3 },
    absolute: measured.map(({ inWords }) => inWords).join('; '),
  };
}
