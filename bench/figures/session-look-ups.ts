import { ratios, spreadOf } from '../statistics.ts';
import { compareServers, type Target } from './compare-servers.ts';
import type { Figure } from './figure.ts';

/** (b) The session check, beside the same query written by hand and a server that only says hello. */
export async function measureSessionLookUps(
  latchkey: Target,
  byHand: Target,
  hello: Target,
): Promise<readonly Figure[]> {
  const [ours, bare, greeting] = await compareServers([latchkey, byHand, hello]);
  if (ours === undefined || bare === undefined || greeting === undefined) return [];
  return [
    {
      name: '(b) session look-ups ÷ the same by hand on `node:http`',
      measured: spreadOf(ratios(ours.perSecond, bare.perSecond)),
      unit: '',
      goal: { atLeast: 0.9 },
      absolute: `${ours.inWords}; ${bare.inWords}`,
    },
    {
      name: '(b) session look-ups ÷ hello on `node:http`',
      measured: spreadOf(ratios(ours.perSecond, greeting.perSecond)),
      unit: '',
      goal: { atLeast: 0.45 },
      absolute: greeting.inWords,
    },
  ];
}
