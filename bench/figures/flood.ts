import { type Caller, sessionCaller, signInCaller } from '../load/caller.ts';
import { type Arrivals, callAtRate, requireStatus } from '../load/loops.ts';
import { warmFile } from '../load/warm.ts';
import type { SeededDatabase } from '../seed.ts';
import { percentile, ratios, spreadOf } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import type { Figure } from './figure.ts';
import { MEGABYTE, sampleMemory } from './memory.ts';
import { runRounds } from './rounds.ts';

const FLOOD = 4;
const FLOOD_CONNECTIONS = 256;
const LOOK_UPS_PER_SECOND = 500;
const LOOK_UP_CONNECTIONS = 32;
const ROUNDS = 7;
const ROUND_MILLISECONDS = 4_000;

/** (c) The latency of signed-in users while four times as many sign-ins arrive as can be processed. */
export async function measureFlood(
  latchkey: Subject,
  { path, tokens, accounts }: SeededDatabase,
  signInsPerSecond: number,
): Promise<readonly Figure[]> {
  const { port } = latchkey;
  const atStart = await latchkey.usage();
  const lookUps = await open(LOOK_UP_CONNECTIONS, () => sessionCaller(port, tokens));
  const signIns = await open(FLOOD_CONNECTIONS, () => signInCaller(port, accounts));
  const floodPerSecond = FLOOD * signInsPerSecond;
  const lookUp = () => callAtRate(lookUps, LOOK_UPS_PER_SECOND, ROUND_MILLISECONDS);
  const flood = () => callAtRate(signIns, floodPerSecond, ROUND_MILLISECONDS);
  const idleRound = async () => {
    await warmFile(path);
    return { lookUps: await lookUp(), flood: null, residentBytes: 0 };
  };
  const floodRound = async () => {
    await warmFile(path);
    const memory = sampleMemory(latchkey);
    const [during, arrivals] = await Promise.all([lookUp(), flood()]);
    return { lookUps: during, flood: arrivals, residentBytes: await memory.end() };
  };
  const [idle = [], flooded = []] = await runRounds<Round>([idleRound, floodRound], ROUNDS);
  for (const { close } of [...lookUps, ...signIns]) close();
  const idleLatencies = idle.map(latencyOf);
  const floodLatencies = flooded.map(latencyOf);
  return [
    {
      name: '(c) p99 of a look-up in a flood of sign-ins ÷ when idle',
      measured: spreadOf(ratios(floodLatencies, idleLatencies)),
      unit: '',
      goal: { limitTo: 3 },
      absolute: `${inMilliseconds(floodLatencies)}; idle ${inMilliseconds(idleLatencies)}; ${describeFlood(flooded)}`,
    },
    {
      name: '(c) memory in that flood, above the start',
      measured: spreadOf(flooded.map((round) => (round.residentBytes - atStart.residentBytes) / MEGABYTE)),
      unit: ' MB',
      goal: { limitTo: 150 },
      absolute: `${(atStart.residentBytes / MEGABYTE).toFixed(0)} MB at the start`,
    },
  ];
}

type Round = { readonly lookUps: Arrivals; readonly flood: Arrivals | null; readonly residentBytes: number };

function open(count: number, openOne: () => Promise<Caller>): Promise<readonly Caller[]> {
  return Promise.all(Array.from({ length: count }, openOne));
}

function latencyOf({ lookUps }: Round): number {
  requireStatus(lookUps, 200);
  return percentile(lookUps.latencies, 99);
}

function inMilliseconds(latencies: readonly number[]): string {
  return `${percentile(latencies, 50).toFixed(2)} ms`;
}

function describeFlood(rounds: readonly Round[]): string {
  const perSecond = (status: number) => {
    const counts = rounds.map(({ flood }) => flood?.countByStatus.get(status) ?? 0);
    return `${((percentile(counts, 50) * 1_000) / ROUND_MILLISECONDS).toFixed(0)}/s`;
  };
  const dropped = rounds.reduce((sum, { flood }) => sum + (flood?.dropped ?? 0), 0);
  return `${perSecond(303)} signed in, ${perSecond(503)} asked to wait, ${dropped} in all not sent for want of connections`;
}
