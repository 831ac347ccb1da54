import { awake } from '../load/awake.ts';
import { type Caller, sessionCaller } from '../load/caller.ts';
import { callInTurn } from '../load/loops.ts';
import { warmFile } from '../load/warm.ts';
import type { SeededDatabase } from '../seed.ts';
import { percentile } from '../statistics.ts';
import type { Subject } from '../subjects/start.ts';
import { runRounds } from './rounds.ts';

const CONNECTIONS = 48;
const ROUNDS = 21;
const ROUND_MILLISECONDS = 400;

/** A server that answers session checks, and the database that it reads. */
export type Target = { readonly name: string; readonly subject: Subject; readonly database: SeededDatabase };

export type Rates = {
  /** Requests a second, round by round. */
  readonly perSecond: readonly number[];
  /** The median, and the CPU use of the server process, as text. */
  readonly inWords: string;
};

/** Requests sessions from each server as fast as it answers, one server after the other, in several rounds. */
export async function compareServers(targets: readonly Target[]): Promise<readonly Rates[]> {
  for (const { database } of targets) await warmFile(database.path);
  const callers = await Promise.all(
    targets.map(({ subject, database }) => openCallers(subject.port, database.tokens)),
  );
  const contenders = targets.map(
    ({ subject }, index) =>
      () =>
        oneRound(subject, callers[index] ?? []),
  );
  const results = await runRounds(contenders, ROUNDS);
  for (const { close } of callers.flat()) close();
  return targets.map(({ name }, index) => {
    const rounds = results[index] ?? [];
    const perSecond = rounds.map((round) => round.perSecond);
    const busy = percentile(
      rounds.map((round) => round.busy),
      50,
    );
    const inWords = `${name} ${thousands(percentile(perSecond, 50))}/s at ${Math.round(busy * 100)} % of a core`;
    return { perSecond, inWords };
  });
}

function openCallers(port: number, tokens: Buffer): Promise<readonly Caller[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => sessionCaller(port, tokens)));
}

async function oneRound(subject: Subject, callers: readonly Caller[]) {
  const before = await subject.usage();
  const { perSecond, milliseconds } = await awake(() => callInTurn(callers, ROUND_MILLISECONDS, 200));
  const after = await subject.usage();
  return { perSecond, busy: (after.cpuMilliseconds - before.cpuMilliseconds) / milliseconds };
}

function thousands(value: number): string {
  return `${(value / 1_000).toFixed(1)} k`;
}
