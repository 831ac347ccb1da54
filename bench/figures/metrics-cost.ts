import { ratios, spreadOf } from '../statistics.ts';
import { compareServers, type Target } from './compare-servers.ts';
import type { Figure } from './figure.ts';

/** (k) The cost of counting and measuring everything, where it matters most: at the session check. */
export async function measureMetricsCost(withMetrics: Target, without: Target): Promise<readonly Figure[]> {
  const [counted, plain] = await compareServers([withMetrics, without]);
  if (counted === undefined || plain === undefined) return [];
  return [
    {
      name: '(k) session look-ups with `METRICS_PORT` ÷ without',
      measured: spreadOf(ratios(counted.perSecond, plain.perSecond)),
      unit: '',
      goal: { atLeast: 0.97 },
      absolute: `${counted.inWords}; ${plain.inWords}`,
    },
  ];
}
